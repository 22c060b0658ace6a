"""What each act of a profile is called, for people to read."""

from __future__ import annotations

from collections.abc import Mapping

from services.kernel.limits.domain.profile import Act, Text

ACTS: Mapping[Act, Text] = {
    Act.DIRECTIVE_ISSUED: Text("văn bản được ban hành", "directive issued"),
    Act.DIRECTIVE_FORWARDED: Text("văn bản được chuyển", "directive forwarded"),
    Act.DIRECTIVE_WITHDRAWN: Text("văn bản bị thu hồi", "directive withdrawn"),
    Act.DIRECTIVE_SUPERSEDED: Text("văn bản bị thay thế", "directive superseded"),
    Act.NO_TASK_RECORDED: Text("văn bản không giao nhiệm vụ", "directive gives no task"),
    Act.TASK_FORWARDED: Text("nhiệm vụ được chuyển", "task forwarded"),
    Act.TASK_RETURNED: Text("nhiệm vụ được chuyển lại", "task returned"),
    Act.TASK_WITHDRAWN: Text("nhiệm vụ được rút", "task withdrawn"),
    Act.DUE_DATE_REMOVED: Text("bỏ ngày hết hạn", "due date removed"),
    Act.DUE_DATE_SET: Text("đặt ngày hết hạn", "due date set"),
    Act.PROGRESS_ENTERED: Text("cập nhật tình hình", "progress entered"),
    Act.RESULT_REPORTED: Text("báo cáo kết quả", "result reported"),
    Act.EXTENSION_REQUEST_RECEIVED: Text("nhận văn bản xin gia hạn", "request received"),
    Act.EXTENSION_SUBMITTED: Text("trình xin gia hạn", "request submitted"),
    Act.EXTENSION_ANSWERED: Text("trả lời xin gia hạn", "request answered"),
    Act.EXTENSION_REQUEST_WITHDRAWN: Text("rút văn bản xin gia hạn", "request withdrawn"),
    Act.WRITTEN_REPORT_RECEIVED: Text("nhận báo cáo bằng văn bản", "written report received"),
    Act.RESULT_ENTERED: Text("nhập kết quả", "result entered"),
    Act.PERIOD_BEGINS: Text("đầu kỳ", "beginning of the period"),
    Act.SITUATION_SUPPLIED: Text("cung cấp thông tin", "situation supplied"),
    Act.REPORT_SENT: Text("gửi báo cáo", "report sent"),
}
