"""Notices and their ways in words; a test holds each list to what notify can say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cli.language import Words

NOTICES: Final[Mapping[str, Words]] = {
    "forwarded": Words("nhiệm vụ được chuyển đến", "forwarded"),
    "due_soon": Words("sắp đến hạn", "due soon"),
    "overdue": Words("quá hạn", "overdue"),
    "update_missing": Words("chưa cập nhật kết quả", "update missing"),
    "returned": Words("chuyển lại", "returned"),
    "extension_asked": Words("xin gia hạn", "extension asked"),
    "extension_answered": Words("trả lời gia hạn", "extension answered"),
    "confirmed": Words("xác nhận kết quả", "confirmed"),
    "sent_back": Words("yêu cầu làm lại", "sent back"),
    "office_limit": Words("thời hạn của Văn phòng", "a limit of the Office"),
    "extension_withdrawn": Words("rút đề nghị gia hạn", "request for more time withdrawn"),
    "due_date_amended": Words("điều chỉnh ngày hết hạn", "due date amended"),
    "supplemented": Words("bổ sung thông tin nhiệm vụ", "supplemented"),
    "withdrawn": Words("nhiệm vụ được rút", "withdrawn"),
    "report_due": Words("báo cáo định kỳ đến hạn", "periodic report due"),
    "due_moved": Words("thời hạn thay đổi theo lịch", "due moved by the calendar"),
    "missed_digest": Words("bản tổng hợp việc đã lỡ", "digest of what was missed"),
    "calendar_digest": Words("bản tổng hợp thay đổi lịch", "digest of a calendar edit"),
    "calendar_missing": Words("chưa có lịch năm sau", "next year's calendar missing"),
}
CHANNELS: Final[Mapping[str, Words]] = {
    "inbox": Words("hộp thư trong phần mềm", "inbox"),
    "email": Words("thư điện tử", "e-mail"),
}
STATES: Final[Mapping[str, Words]] = {
    "queued": Words("đang chờ", "queued"),
    "delivered": Words("đã gửi", "delivered"),
    "failed": Words("chưa gửi được", "failed"),
    "uncertain": Words("chưa rõ kết quả", "uncertain"),
    "undeliverable": Words("không có địa chỉ", "undeliverable"),
    "withdrawn": Words("không gửi vì không còn hiệu lực", "withdrawn before it was sent"),
}
