"""The way of orders, complaints and calls as the regulations have it: from where each step leads where, and whose.

Written out by hand, beside the code: what stands here is what the tests hold the lifecycles and the grants to.
"""

M, RS, DM, ST, FD = "Manager", "RelationsSupervisor", "DutyManager", "Steward", "FrontDesk"
LEAD = {"Admin", M, RS}
DESKS = {"MailRoom", "BusinessCentre", "MeetingService", "Operator"}
LEASING = {"LeasingShop", "LeasingSpecialist", "LeasingSupervisor"}
READERS = {"GeneralManager", "Headquarters"}
HANDED = {"Engineering", "Security", "Cleaning", "Procurement", "HandoverDesk", "Finance", "Sales", "Clerk"}
OTHERS = DESKS | LEASING | HANDED
ALL = LEAD | {DM, ST, FD} | OTHERS | READERS

AT_WORK = "sent accepted in_progress waiting outside"
OPEN = f"registered signed_in {AT_WORK}"
WORKERS = LEAD | {DM} | HANDED

BACK = "before"  # whatever the state was; the first one where the history does not tell

# step: (from, to; "" stays, whose)
ORDER = {
    "sign_in": ("registered", "signed_in", LEAD | {DM}),
    "sign_in_beside": (f"{AT_WORK} done checked", "", LEAD | {DM}),
    "send_at_once": ("registered", "sent", LEAD | {DM}),
    "send": ("signed_in", "sent", LEAD | {DM}),
    "accept": ("sent", "accepted", WORKERS),
    "assign": (AT_WORK, "", WORKERS),
    "start": ("sent accepted", "in_progress", WORKERS),
    "pause": ("sent accepted in_progress outside", "waiting", WORKERS),
    "resume": ("waiting", "in_progress", WORKERS),
    "hand_outside": ("signed_in sent accepted in_progress waiting", "outside", WORKERS),
    "take_back": ("outside", "in_progress", WORKERS),
    "quote_price": (f"signed_in {AT_WORK}", "", WORKERS),
    "agree": (f"signed_in {AT_WORK}", "", WORKERS),
    "finish": (AT_WORK, "done", WORKERS),
    "send_back": ("sent accepted in_progress waiting", "signed_in", WORKERS),
    "reassign": (AT_WORK, "sent", LEAD | {DM}),
    "check": ("done", "checked", LEAD | {DM, ST, FD}),
    "inspect": ("done", "checked", LEAD | {ST}),
    "redo": ("done", "in_progress", LEAD | {DM, ST}),
    "close": ("checked", "closed", LEAD | {DM}),
    "reopen": ("done checked closed", "sent", LEAD | {DM, ST, FD}),
    "escalate": (OPEN, "", LEAD | {DM, ST, FD} | HANDED | READERS),
    "urge": (OPEN, "", LEAD | {DM, ST, FD} | DESKS | LEASING | READERS),
    "close_with_incident": (f"{OPEN} done checked", "closed", LEAD | {DM}),
    "merge": (f"{OPEN} done", "merged", LEAD | {DM, ST, FD}),
    "unmerge": ("merged", BACK, LEAD | {DM, ST, FD}),
    "cancel": (OPEN, "cancelled", LEAD | {DM, ST}),
}

UNSOLVED = "registered handed_on in_progress"
COMPLAINT = {
    "answer": ("registered", "answered", ALL - READERS),
    "hand_on": ("registered", "handed_on", ALL - READERS),
    "take_up": ("registered handed_on", "in_progress", LEAD | {DM} | OTHERS),
    "resolve": ("handed_on in_progress", "resolved", LEAD | {DM} | OTHERS),
    "confirm": ("answered resolved", "confirmed", LEAD | {DM, ST, FD}),
    "close": ("confirmed", "closed", LEAD),
    "withdraw": (f"{UNSOLVED} answered resolved", "withdrawn", LEAD),
    "reopen": ("answered resolved confirmed closed", "in_progress", LEAD),
    "escalate": (UNSOLVED, "", ALL),
    "urge": (UNSOLVED, "", LEAD | {DM, ST, FD} | READERS),
    "merge": (f"{UNSOLVED} answered resolved confirmed", "merged", LEAD),
    "unmerge": ("merged", BACK, LEAD),
}

CALL = {
    "answer": ("registered", "answered", ALL - READERS),
    "hand_on": ("registered", "handed_on", ALL - READERS),
    "close": ("answered handed_on", "closed", ALL - READERS),
    "reopen": ("answered closed", "handed_on", LEAD | {DM, ST, FD}),
}

TABLES = {"dispatch_order": ORDER, "complaint": COMPLAINT, "contact_log": CALL}
