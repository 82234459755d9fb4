"""The branch survey (网点档案表): what is asked, what an answer may be, how complete and how old a survey is.

Answers are about a branch and its posts. People stand in it by staff code; nothing in it is about customers one by one.
"""
