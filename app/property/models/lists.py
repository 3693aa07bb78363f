"""The choice lists of places and people: code, Chinese, English, colour. Staff edit the entries on screen."""

from flask_babel import lazy_gettext as _l

from app.core.choices import choice_list

PROJECT_KIND = choice_list(
    "project_kind",
    _l("Kind of project"),
    ("office", "写字楼", "Office tower"),
    ("residential", "住宅小区", "Residential estate"),
    ("mixed", "综合体", "Mixed use"),
)

UNIT_KIND = choice_list(
    "unit_kind",
    _l("Kind of unit"),
    ("office", "办公", "Office"),
    ("flat", "住宅", "Flat"),
    ("shop", "商铺", "Shop"),
    ("parking", "车位", "Parking space"),
    ("storage", "储藏室", "Storeroom"),
    ("dormitory", "宿舍", "Dormitory"),
    ("other", "其他", "Other"),
)

SALE_STATE = choice_list(
    "unit_sale",
    _l("Sale state"),
    ("unsold", "未售", "Unsold", "wait"),
    ("sold", "已售", "Sold", "active"),
    ("handed_over", "已交付", "Handed over", "done"),
)

UNIT_USE = choice_list(
    "unit_use",
    _l("Used as"),
    ("own", "自用", "Used by its owner", "done"),
    ("let", "出租", "Let", "active"),
    ("lent", "借用", "Lent", "attention"),
    ("idle", "空置", "Idle", "wait"),
)

CUSTOMER_KIND = choice_list(
    "customer_kind",
    _l("Company or person"),
    ("company", "单位", "Company"),
    ("person", "个人", "Person"),
)

TRADE = choice_list(
    "trade",
    _l("Trade"),
    ("it", "IT", "Information technology"),
    ("finance", "金融", "Finance"),
    ("trading", "贸易", "Trading"),
    ("law", "律所", "Law"),
    ("consulting", "咨询", "Consulting"),
    ("advertising", "广告", "Advertising"),
    ("media", "传媒", "Media"),
    ("education", "教育培训", "Education and training"),
    ("logistics", "物流", "Logistics"),
    ("real_estate", "房地产", "Real estate"),
    ("construction", "建筑设计", "Construction and design"),
    ("manufacturing", "制造", "Manufacturing"),
    ("energy", "能源矿业", "Energy and mining"),
    ("medical", "医疗", "Medical"),
    ("catering", "餐饮", "Catering"),
    ("retail", "零售", "Retail"),
    ("travel", "旅游", "Travel"),
    ("public", "政府机构", "Public body"),
    ("other", "其他", "Other"),
)

GRADE = choice_list(
    "customer_grade",
    _l("Grade"),
    ("a", "A", "A", "done"),
    ("b", "B", "B", "active"),
    ("c", "C", "C", "neutral"),
    ("d", "D", "D", "attention"),
)

SEX = choice_list("sex", _l("Sex"), ("male", "男", "Male"), ("female", "女", "Female"))

ID_KIND = choice_list(
    "id_kind",
    _l("Kind of ID"),
    ("id_card", "身份证", "Identity card"),
    ("passport", "护照", "Passport"),
    ("hk_macao", "港澳通行证", "Hong Kong and Macao permit"),
    ("taiwan", "台胞证", "Taiwan permit"),
    ("residence", "外国人居留证", "Residence permit"),
    ("officer", "军官证", "Officer's card"),
    ("other", "其他", "Other"),
)

CONTACT_ROLE = choice_list(
    "contact_role",
    _l("Role of a contact"),
    ("legal_head", "法人", "Legal head"),
    ("president", "总裁", "President"),
    ("general_manager", "总经理", "General manager"),
    ("administration", "行政", "Administration"),
    ("finance", "财务", "Finance"),
    ("emergency", "24小时紧急联系人", "24-hour emergency contact"),
    ("family", "家属", "Family"),
    ("agent", "代理人", "Agent"),
    ("employee", "员工", "Employee"),
    ("driver", "司机", "Driver"),
    ("other", "其他", "Other"),
)

KINSHIP = choice_list(
    "kinship",
    _l("Relation to the owner"),
    ("self", "本人", "Self"),
    ("spouse", "配偶", "Spouse"),
    ("parent", "父母", "Parent"),
    ("child", "子女", "Child"),
    ("sibling", "兄弟姐妹", "Sibling"),
    ("relative", "其他亲属", "Other relative"),
    ("tenant", "租户", "Tenant"),
    ("none", "无亲属关系", "Not related"),
)

LESSOR_KIND = choice_list(
    "lessor_kind",
    _l("Kind of lessor"),
    ("owner", "业主", "Owner"),
    ("sales", "销售部", "Sales department"),
    ("developer", "开发商", "Developer"),
)

CAPACITY = choice_list(
    "occupancy_capacity",
    _l("Capacity"),
    ("owner", "业主", "Owner", "done"),
    ("tenant", "租户", "Tenant", "active"),
    ("borrower", "借用人", "Borrower", "attention"),
)

# The codes are the customer's columns: entering a change writes that very column. None of them is personal.
CHANGE_FIELD = choice_list(
    "change_field",
    _l("What changes"),
    ("name", "名称", "Name"),
    ("short_name", "简称", "Short name"),
    ("english_name", "英文名", "English name"),
    ("sign_name", "水牌名", "Sign name"),
    ("switchboard", "总机", "Switchboard"),
    ("credit_code", "统一社会信用代码", "Unified social credit code"),
    ("trade", "行业", "Trade"),
    ("office_hours", "办公时间", "Office hours"),
    ("billing_title", "开票抬头", "Billing title"),
    ("tax_number", "税号", "Tax number"),
    ("billing_bank", "开户行及账号", "Bank and account"),
    ("other", "其他", "Other"),
)

AGREEMENT_KIND = choice_list(
    "agreement_kind",
    _l("Kind of agreement"),
    ("interim_covenant", "临时管理规约", "Interim covenant"),
    ("covenant", "管理维修公约", "Management and repair covenant"),
    ("early_service", "前期物业管理服务协议", "Early property service agreement"),
    ("service", "物业服务合同", "Property service contract"),
    ("fire_safety", "防火责任书", "Fire safety pledge"),
    ("security", "大厦保安须知", "Security notice"),
    ("other", "其他", "Other"),
)

CARE_REASON = choice_list(
    "care_reason",
    _l("Reason for special care"),
    ("elderly", "高龄", "Elderly"),
    ("ill", "病患", "Ill"),
    ("disabled", "残障", "Disabled"),
    ("away", "非常住", "Not permanently resident"),
    ("dissatisfied", "意见较多", "Often dissatisfied"),
    ("important", "重要客户", "Important customer"),
    ("other", "其他", "Other"),
)

RECIPIENT = choice_list(
    "monthly_recipient",
    _l("Recipient of the monthly list"),
    ("headquarters", "总部", "Headquarters"),
    ("handover", "房地产入伙部", "Handover department"),
    ("finance", "财务部", "Finance"),
    ("engineering", "工程部", "Engineering"),
    ("security", "保安部", "Security"),
    ("cleaning", "保洁部", "Cleaning"),
    ("sales", "销售部", "Sales"),
)
