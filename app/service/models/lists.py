"""The choice lists of calls, complaints and orders: code, Chinese, English, colour. Staff edit them on screen."""

from flask_babel import lazy_gettext as _l

from app.core.choices import choice_list

CHANNEL = choice_list(
    "channel",
    _l("Channel"),
    ("phone", "电话", "Phone"),
    ("in_person", "当面", "In person"),
    ("letter", "信件", "Letter"),
    ("forum", "业主论坛", "Online forum"),
    ("hotline", "服务热线", "Hotline"),
    ("message", "微信/短信", "Message"),
    ("on_site", "巡查发现", "Found on site"),
    ("other", "其他", "Other"),
)

LOG_KIND = choice_list(
    "contact_kind",
    _l("Kind of call"),
    ("inquiry", "咨询", "Inquiry"),
    ("suggestion", "建议", "Suggestion"),
    ("request", "需求", "Request"),
    ("repair", "报修", "Repair", "attention"),
    ("service", "特约服务", "Service"),
    ("alarm", "报警求助", "Alarm, call for help", "danger"),
    ("complaint", "投诉", "Complaint", "wait"),
    ("praise", "表扬", "Praise", "done"),
    ("other", "其他", "Other"),
)

CATEGORY = choice_list(
    "service_category",
    _l("Category of a matter"),
    ("water", "给排水", "Water and drains"),
    ("electric", "强电照明", "Power and light"),
    ("air", "空调通风", "Air conditioning"),
    ("lift", "电梯", "Lift"),
    ("fire", "消防", "Fire protection"),
    ("equipment", "公共设备", "Public equipment"),
    ("network", "弱电网络", "Network and low voltage"),
    ("civil", "土建门窗", "Building fabric, doors, windows"),
    ("gas", "燃气", "Gas"),
    ("cleaning", "保洁", "Cleaning"),
    ("waste", "垃圾清运", "Waste"),
    ("pests", "消杀", "Pests"),
    ("planting", "绿化", "Planting"),
    ("security", "保安秩序", "Security and order"),
    ("parking", "停车", "Parking"),
    ("noise", "噪音扰民", "Noise"),
    ("fitting_out", "装修管理", "Fitting out"),
    ("catering", "餐饮", "Catering"),
    ("attitude", "服务态度", "Manner of service"),
    ("fees", "收费", "Fees"),
    ("mail", "邮件报刊", "Mail and press"),
    ("developer", "开发遗留", "Left by the developer"),
    ("other", "其他", "Other"),
)

URGENCY = choice_list(
    "urgency",
    _l("Urgency"),
    ("normal", "一般", "Normal"),
    ("urgent", "紧急", "Urgent", "wait"),
    ("emergency", "突发", "Emergency", "danger"),
)

SEVERITY = choice_list(
    "severity",
    _l("Severity"),
    ("light", "轻微", "Light"),
    ("normal", "一般", "Normal"),
    ("serious", "严重", "Serious", "wait"),
)

MAJOR_CAUSE = choice_list(
    "major_cause",
    _l("Why it is major"),
    ("media", "新闻媒体介入", "The media are in it", "danger"),
    ("consumer_association", "消协介入", "The consumer association is in it", "danger"),
    ("authority", "主管部门或技术监督局介入", "An authority is in it", "danger"),
    ("group", "群体投诉", "Many complain together", "danger"),
    ("injury", "人身伤害", "Somebody is hurt", "danger"),
    ("loss", "重大财产损失", "Great loss of property", "danger"),
    ("other", "其他", "Other", "danger"),
)

LIABILITY = choice_list(
    "complaint_liability",
    _l("Liability"),
    ("own", "本公司责任", "Ours"),
    ("outside", "外包单位责任", "An outside party's"),
    ("developer", "开发商责任", "The developer's"),
    ("customer", "客户自身", "The customer's own"),
    ("neighbour", "相邻客户", "A neighbour's"),
    ("authority", "市政或公用事业", "The city's or a utility's"),
    ("none", "无责任", "Nobody's"),
)

VALIDITY = choice_list(
    "complaint_validity",
    _l("Valid or not"),
    ("valid", "有效投诉", "Valid", "wait"),
    ("partly", "部分有效", "Valid in part"),
    ("invalid", "无效投诉", "Not valid", "neutral"),
)

REPLY_KIND = choice_list(
    "reply_kind",
    _l("Kind of reply"),
    ("oral", "口头答复", "Oral"),
    ("written", "书面答复", "Written"),
)

ORDER_KIND = choice_list(
    "dispatch_kind",
    _l("Kind of order"),
    ("repair", "请修", "Repair"),
    ("cleaning", "保洁", "Cleaning"),
    ("order", "秩序", "Security and order"),
    ("service", "特约服务", "Service for a customer"),
    ("inspection", "查看", "Look at it"),
    ("other", "其他", "Other"),
)

ORDER_SOURCE = choice_list(
    "dispatch_source",
    _l("Source of an order"),
    ("phone", "电话", "Phone"),
    ("log", "客户沟通", "Call taken"),
    ("complaint", "投诉", "Complaint"),
    ("patrol", "巡查", "Patrol"),
    ("visit", "客户访问", "Visit"),
    ("defect", "工程遗留", "Defect"),
    ("emergency", "突发事件", "Emergency"),
    ("quality_check", "质量监督", "Quality check"),
    ("internal", "内部", "From inside"),
)

DELAY_REASON = choice_list(
    "delay_reason",
    _l("Reason of delay"),
    ("material", "待配件材料", "Waiting for parts"),
    ("customer", "待客户配合", "Waiting for the customer"),
    ("appointment", "客户另约时间", "The customer wants another time"),
    ("outside", "待外单位", "Waiting for an outside party"),
    ("quote", "待报价确认", "Waiting for the quote to be agreed"),
    ("approval", "待审批", "Waiting for approval"),
    ("weather", "天气原因", "Weather"),
    ("staff", "人手不足", "Too few people"),
    ("difficult", "技术疑难", "Hard to solve"),
    ("other", "其他", "Other"),
)

RESULT = choice_list(
    "dispatch_result",
    _l("Result of an order"),
    ("repaired", "已修复", "Repaired", "done"),
    ("done", "已办结", "Done", "done"),
    ("explained", "已解释说明", "Explained"),
    ("temporary", "临时处理", "Mended for the time being", "wait"),
    ("not_found", "未发现问题", "Nothing found"),
    ("not_ours", "非我方范围", "Not ours to do"),
    ("refused", "客户不同意", "The customer does not agree", "wait"),
)

CHECKED = choice_list(
    "dispatch_opinion",
    _l("Opinion on the work"),
    ("satisfied", "满意", "Satisfied", "done"),
    ("acceptable", "基本满意", "Acceptable"),
    ("dissatisfied", "不满意", "Dissatisfied", "danger"),
)

TOLD = choice_list(
    "told_whom",
    _l("Told whom"),
    ("customer", "客户", "The customer"),
    ("sender", "发单人", "The sender"),
    ("both", "客户和发单人", "Both"),
)

LINK_KIND = choice_list(
    "order_link_kind",
    _l("How orders hang together"),
    ("related", "相关", "Related"),
    ("caused_by", "由其引起", "Caused by it"),
    ("split_from", "拆分自", "Split from it"),
    ("repeat_of", "重复发生", "The same again"),
)

CALLBACK_METHOD = choice_list(
    "callback_method",
    _l("How a callback is made"),
    ("phone", "电话回访", "By phone"),
    ("at_door", "上门回访", "At the door"),
)

CALLBACK_OUTCOME = choice_list(
    "callback_outcome",
    _l("Outcome of a callback"),
    ("satisfied", "满意", "Satisfied", "done"),
    ("dissatisfied", "不满意", "Dissatisfied", "danger"),
    ("not_reached", "未联系上", "Not reached", "neutral"),
)

EMERGENCY_KIND = choice_list(
    "emergency_kind",
    _l("Kind of emergency"),
    ("fire", "火情", "Fire", "danger"),
    ("lift", "电梯困人", "People shut in a lift", "danger"),
    ("water", "停水", "No water", "wait"),
    ("power", "停电", "No power", "wait"),
    ("gas", "停气或燃气泄漏", "No gas, or a leak", "danger"),
    ("flood", "跑水漏水", "Flooding", "wait"),
    ("injury", "人员伤病", "Somebody hurt or ill", "danger"),
    ("crime", "治安事件", "Crime", "danger"),
    ("storm", "恶劣天气", "Storm", "wait"),
    ("equipment", "设备故障", "Equipment fails", "wait"),
    ("other", "其他", "Other"),
)

DISPUTE_KIND = choice_list(
    "dispute_kind",
    _l("Kind of dispute"),
    ("neighbours", "邻里纠纷", "Between neighbours"),
    ("noise", "噪音", "Noise"),
    ("leak", "渗漏水", "Leaking water"),
    ("space", "占用公共部位", "Use of common places"),
    ("parking", "停车", "Parking"),
    ("fees", "费用", "Fees"),
    ("fitting_out", "装修", "Fitting out"),
    ("other", "其他", "Other"),
)

QUALITY_AREA = choice_list(
    "quality_area",
    _l("What is watched"),
    ("phone", "接听电话", "Answering the phone"),
    ("reception", "接待礼仪", "Reception"),
    ("appearance", "仪容仪表", "Appearance"),
    ("patrol", "巡查到位", "Patrols"),
    ("repair", "维修及时", "Repairs in time"),
    ("cleaning", "保洁质量", "Cleaning"),
    ("catering", "餐饮服务", "Catering"),
    ("records", "记录完整", "Records"),
    ("other", "其他", "Other"),
)

SHIFT = choice_list(
    "shift",
    _l("Shift"),
    ("day", "白班", "Day"),
    ("evening", "中班", "Evening"),
    ("night", "夜班", "Night"),
    ("weekend", "周末值班", "Weekend"),
    ("holiday", "节假日值班", "Holiday"),
)
