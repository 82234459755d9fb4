"""The weekly pack: slides, workbook and PDF of one review, the same fixed form every week."""
