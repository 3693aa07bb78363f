"""What else happens in the demo tower: power cuts with many callers, a burst pipe, disputes, checks, shifts.

Few rows, entered like staff enter them, by the registers' own operations. Invented people only.
"""

from datetime import timedelta

from sqlalchemy import select

from app.core.actor import acting, system_actor
from app.core.operations import move, save, writing
from app.core.times import now, today
from app.demo.courses import DESK, DUTY, STEWARD, SUPERVISOR
from app.demo.crews import Crew
from app.extensions import db
from app.property.models import Building, Contact, Customer, Occupancy, Project, Unit
from app.service import operations as service
from app.service.models import (
    DispatchOrder,
    Dispute,
    DisputeSession,
    Emergency,
    EmergencyParty,
    QualityCheck,
    ShiftHandover,
    ShiftItem,
)

WHO = "演示数据"
CUT = {
    "kind": "power", "mass": True, "plan": "停电应急预案（第 3 版）",
    "answer": "市政供电线路检修造成停电，供电局预计两小时内恢复；应急照明与消防电梯由发电机供电，请勿乘坐其他电梯。",
}  # fmt: skip
SAID = ("整层停电了，什么时候来电", "我们办公室突然没电了", "服务器要断了，停电多久", "电梯也停了吗，我们没电了",
        "停电了有没有通知", "灯和插座都没电")  # fmt: skip
DISPUTES = (
    ("楼上空调滴水弄湿样品", "leak", "settle", "双方同意由楼上单位更换冷凝水管并赔偿样品清洗费八百元。"),
    ("装修噪音影响办公", "noise", "", ""),
    ("车位被长期占用", "parking", "refer", ""),
)
CHECKS = (
    ("security", "patrol", "门岗夜间每小时巡逻一次", "二十三日凌晨两点至四点无巡逻记录", 70, "verify"),
    ("cleaning", "cleaning", "卫生间每两小时清洁一次并签字", "下午签字表空白两格", 85, "rectify"),
    ("engineering", "repair", "请修三十分钟内到场", "抽查十单，两单超过三十分钟", 80, ""),
    ("service", "phone", "电话三声内接起", "抽查二十次，一次响五声", 95, "verify"),
)


def load_events(project: str) -> int:
    """Add those events to a project, whole or not at all; returns how many emergencies, disputes and checks."""
    project_id = db.session.scalar(select(Project.id).where(Project.name == project))
    with acting(system_actor(project_id, WHO)), writing("command"):
        crew = Crew()
        _cut(crew, hours=5, closes=True)
        _cut(crew, hours=1, closes=False)
        _flood(crew)
        for row in DISPUTES:
            _dispute(crew, *row)
        for row in CHECKS:
            _check(crew, *row)
        for back in range(6, 0, -1):
            _handed_over(crew, back)
    return 3 + len(DISPUTES) + len(CHECKS)


def _callers():
    """Six customers in one building: (building, [(customer, unit, contact, name, phone)])."""
    building = db.session.scalar(
        select(Building.id).where(Building.deleted_at.is_(None)).order_by(Building.id)
    )
    query = (
        select(Customer.id, Unit.id, Contact.id, Contact.name, Contact.mobile)
        .join(Occupancy, Occupancy.customer_id == Customer.id)
        .join(Unit, Unit.id == Occupancy.unit_id)
        .join(Contact, Contact.customer_id == Customer.id)
        .where(Occupancy.state == "in", Unit.building_id == building, Unit.kind != "parking", Contact.main)
        .order_by(Customer.id)
    )
    seen = {row[0]: tuple(row) for row in db.session.execute(query)}
    return building, list(seen.values())[: len(SAID)]


def _cut(crew, *, hours: int, closes: bool):
    """A power cut that many call for: each call is taken, all of them under the one incident."""
    building, callers = _callers()
    began = now() - timedelta(hours=hours)
    values = CUT | {"title": "A 座低区停电", "building_id": building, "happened_at": began,
                    "content": "市政进线失压，低区停电，发电机已启动。", "reported_by": "中控室",
                    "taken_by_id": crew.posts[DUTY], "expected_end": began + timedelta(hours=2)}  # fmt: skip
    incident = save(Emergency(), values)
    for code in ("engineering", "security"):
        service.tell(incident, department_id=crew.departments[code])
    orders = []
    for at, ((customer, unit, contact, name, phone), said) in enumerate(zip(callers, SAID, strict=False)):
        call = {"content": said, "kind": "repair", "category": "electric", "customer_id": customer, "unit_id": unit,
                "contact_id": contact, "caller": name, "caller_phone": phone, "emergency_id": incident.id,
                "received_at": began + timedelta(minutes=4 + 3 * at),
                "first_responder_id": crew.posts[DESK]}  # fmt: skip
        orders.append(service.take(call, order=True).order)
    if closes:
        ids = [order.id for order in orders]
        service.tell_callers(incident, ids)
        service.close_orders(incident, ids)
        move(incident, "close", ended_at=began + timedelta(hours=2), outcome="两小时后恢复供电，无人员受困。",
             report="市政线路检修未提前通知；已请供电局今后提前书面告知，并补充发电机柴油储备。")  # fmt: skip


def _flood(crew):
    """An emergency that is none of the many: the plan that was used, who was told, its report."""
    began = now() - timedelta(days=12)
    building, _callers_there = _callers()
    flood = save(Emergency(), {
        "title": "地下二层给水管爆裂", "kind": "flood", "building_id": building, "place": "地下二层水泵房",
        "happened_at": began, "content": "巡检发现泵房给水管焊口开裂喷水，积水约十厘米。", "reported_by": "工程部夜班",
        "taken_by_id": crew.posts[DUTY], "head_id": crew.posts[DUTY], "plan": "跑水应急预案（第 2 版）",
        "handling": "关闭总阀，启动排污泵，沙袋封堵电梯井口，通知停用高区供水。",
    })  # fmt: skip
    for code, minutes in (("engineering", 3), ("cleaning", 10), ("headquarters", 40)):
        values = {
            "emergency_id": flood.id,
            "told_at": began + timedelta(minutes=minutes),
            "told_how": "phone",
        }
        save(EmergencyParty(), values | {"department_id": crew.departments[code]})
    move(flood, "close", ended_at=began + timedelta(hours=3), outcome="积水排净，设备未受损，高区停水三小时。",
         report="焊口疲劳开裂；已更换该段管道，并列入季度检查。")  # fmt: skip


def _dispute(crew, matter, kind, ends, outcome):
    dispute = save(Dispute(), {
        "matter": matter, "kind": kind, "first_party": "百川科技", "second_party": "远山贸易",
        "mediator_id": crew.posts[STEWARD], "content": f"{matter}，双方各执一词，请物业出面调解。",
        "began_on": today() - timedelta(days=20),
    })  # fmt: skip
    for back in (15, 9):
        save(DisputeSession(), {
            "dispute_id": dispute.id, "held_on": today() - timedelta(days=back), "place": "客务部会议室",
            "present": "双方行政负责人、楼宇管理员", "content": "查看现场，听取双方意见。", "agreed": outcome or None,
        })  # fmt: skip
    if ends == "settle":
        move(dispute, "settle", outcome=outcome)
    if ends == "refer":
        move(dispute, "refer", referred_to="属地派出所")


def _check(crew, department, area, standard, finding, score, until):
    check = save(QualityCheck(), {
        "department_id": crew.departments[department], "area": area, "standard": standard, "finding": finding,
        "score": score, "checked_on": today() - timedelta(days=8), "checked_by_id": crew.posts[SUPERVISOR],
        "owner_id": crew.people[department][0], "due_on": today() + timedelta(days=4),
    })  # fmt: skip
    if until:
        move(
            check,
            "rectify",
            corrective="当班负责人补做并补记，当周每日抽查。",
            preventive="列入交接班检查表。",
        )
    if until == "verify":
        move(check, "verify")


def _handed_over(crew, back: int):
    """The night shift of some days ago with what it left open; the last one waits for its receipt."""
    handed = now() - timedelta(days=back)
    shift = save(ShiftHandover(), {
        "day": today() - timedelta(days=back), "shift": "night", "department_id": crew.departments["service"],
        "handed_by_id": crew.posts[DUTY], "handed_at": handed, "opinions": "两位客户反映大堂空调偏冷，已告知中控室。",
        "open_matters": "货梯年检周四进行。", "doors_locked": True, "doors_note": "各层通道门已锁，钥匙三把交前台。",
    })  # fmt: skip
    open_orders = select(DispatchOrder.id).where(DispatchOrder.state.in_(("sent", "accepted", "waiting")))
    for order_id in db.session.scalars(open_orders.order_by(DispatchOrder.id.desc()).offset(back).limit(2)):
        save(ShiftItem(), {"handover_id": shift.id, "order_id": order_id, "matter": "未完成，请跟进"})
    if back > 1:
        move(shift, "receive", receipt_note="已收到，逐项核对。")
