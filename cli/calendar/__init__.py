"""`dondoc calendar`: a year's spreadsheet, previews over all services, and what is printed of them."""
