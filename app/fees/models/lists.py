"""The choice lists of money: code, Chinese, English, colour. Staff edit the entries on screen."""

from flask_babel import lazy_gettext as _l

from app.core.choices import choice_list

FEE_KIND = choice_list(
    "fee_kind",
    _l("Kind of fee"),
    ("property", "物业管理费", "Property management fee"),
    ("energy", "能源费", "Energy fee"),
    ("water", "水费", "Water"),
    ("power", "电费", "Electricity"),
    ("gas", "燃气费", "Gas"),
    ("parking", "停车费", "Parking"),
    ("rent", "租金", "Rent"),
    ("repair", "有偿维修费", "Paid repair"),
    ("service", "特约服务费", "Paid service"),
    ("fitting_out", "装修管理费", "Fitting-out fee"),
    ("movein", "入伙费", "Move-in fee"),
    ("business", "商务服务费", "Business centre"),
    ("phone", "电话费", "Telephone"),
    ("other", "其他", "Other"),
)

BASIS = choice_list(
    "fee_basis",
    _l("Charged by"),
    ("area", "按面积", "Area"),
    ("fixed", "固定金额", "Fixed amount"),
    ("meter", "按表计量", "Meter"),
    ("use", "按次按量", "Use"),
)

AREA_KIND = choice_list(
    "fee_area",
    _l("Which area"),
    ("built", "建筑面积", "Built area"),
    ("lettable", "计租面积", "Lettable area"),
)

METER_KIND = choice_list(
    "meter_kind",
    _l("Kind of meter"),
    ("power", "电表", "Electricity"),
    ("water", "水表", "Water"),
    ("gas", "燃气表", "Gas"),
    ("cooling", "冷热量表", "Heat and cold"),
)

SHARE_KEY = choice_list(
    "meter_share_key",
    _l("Shared by"),
    ("area", "按面积分摊", "Area"),
    ("equal", "平均分摊", "Equal parts"),
    ("weight", "按约定份额", "Agreed parts"),
)

METHOD = choice_list(
    "pay_method",
    _l("Method of payment"),
    ("cash", "现金", "Cash"),
    ("card", "刷卡", "Card"),
    ("transfer", "银行转账", "Bank transfer"),
    ("wechat", "微信", "WeChat"),
    ("alipay", "支付宝", "Alipay"),
    ("cheque", "支票", "Cheque"),
)

RECEIPT_KIND = choice_list(
    "receipt_kind",
    _l("Kind of receipt"),
    ("payment", "收款", "Payment", "done"),
    ("refund", "退款", "Refund", "attention"),
    ("deposit", "收押金", "Deposit taken", "active"),
    ("deposit_return", "退押金", "Deposit returned", "attention"),
    ("reversal", "冲销", "Reversal", "late"),
)

DEPOSIT_KIND = choice_list(
    "deposit_kind",
    _l("Kind of deposit"),
    ("renovation", "装修押金", "Fitting out"),
    ("keys", "钥匙押金", "Keys"),
    ("cards", "门禁卡押金", "Access cards"),
    ("lease", "租赁押金", "Lease"),
    ("phone", "电话押金", "Telephone"),
    ("other", "其他押金", "Other"),
)

DUNNING_STEP = choice_list(
    "dunning_step",
    _l("Step of dunning"),
    ("phone", "电话催缴", "Phone call"),
    ("letter", "催缴通知单", "Letter", "wait"),
    ("visit", "上门催缴", "Visit", "attention"),
    ("lawyer", "律师函", "Lawyer's letter", "late"),
)

DUNNING_RESULT = choice_list(
    "dunning_result",
    _l("Result of dunning"),
    ("paid", "已缴清", "Paid", "done"),
    ("promised", "承诺缴费", "Promised", "active"),
    ("disputed", "有异议", "Disputed", "attention"),
    ("refused", "拒绝缴费", "Refused to pay", "late"),
    ("not_reached", "未联系上", "Not reached", "wait"),
)

SERVICE_KIND = choice_list(
    "paid_service_kind",
    _l("Kind of paid service"),
    ("cleaning", "有偿清洁", "Cleaning"),
    ("planting", "绿植租摆", "Planting"),
    ("care", "维保托管", "Care contract"),
    ("errand", "代办服务", "Errands"),
    ("other", "其他特约服务", "Other"),
)

SERVICE_CYCLE = choice_list(
    "paid_service_cycle",
    _l("Charged"),
    ("once", "一次性", "Once"),
    ("monthly", "按月", "Each month"),
)
