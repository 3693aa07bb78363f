"""Every command of `python3 run.py`: reads the words of the command line, says what was done, returns the exit code.

Knows which part of the app does a thing, and does nothing itself. What is heavy is imported by the command that needs
it: a second start is quick.
"""

import argparse
import gc
import os
import sys
from datetime import date
from pathlib import Path

from app.starting import Progress, Unready, counted, opened, prepare_instance

MONTH_HELP = "月份，如 2026-10 · the month, such as 2026-10"


def main(argv: list[str]) -> int:
    """Run one command; 0 where it was done, 1 where it was refused, 2 where it was not understood."""
    arguments = parser().parse_args(argv)
    try:
        return arguments.act(arguments) or 0
    except Unready as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n已中断 · interrupted", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python3 run.py", description="物业客务部 · customer service of a property company"
    )
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, act, told, words in COMMANDS:
        command = commands.add_parser(name, help=told, description=told)
        command.set_defaults(act=act)
        for flags, options in words:
            command.add_argument(*flags.split(), **options)
    return made


# ---- start and serve ---------------------------------------------------------------------------------------------


def start(arguments) -> int:
    """Set up what is missing, then serve. A second start finds nothing to do."""
    from app import starting

    made_key = prepare_instance()
    with opened() as app:
        _refuse_busy(app)
        if made_key:
            print(f"已生成密钥 · secret key made: {made_key}")
        starting.bring_up_to_date(app)
        starting.first_admin(app)
        if arguments.demo:
            starting.demo(app)
    return _serve(app)


def serve(arguments) -> int:
    with opened(checked=True) as app:
        _refuse_busy(app)
    return _serve(app)


def work(arguments) -> int:
    from app.core import background

    with opened(checked=True) as app:
        if arguments.once:
            count, steps = background.once(app)
            print(f"任务 jobs {count} · 定时任务 steps {len(steps)} {' '.join(steps)}".rstrip())
            return 0
    background.end_on_signals(app)
    print("正在处理后台任务和定时任务 · running jobs and clock   (Ctrl+C 停止 · to stop)", flush=True)
    background.work(app)
    return 0


def _refuse_busy(app):
    from app.core import serving

    try:
        serving.refuse_busy(app.config["HOST"], app.config["PORT"])
    except serving.Busy as busy:
        raise Unready(
            f"端口已被占用，可用 PORT 另选 · the address is taken, choose another PORT: {busy}"
        ) from None


def _serve(app) -> int:
    from app.core import serving

    told = f"已启动 · serving: {app.config['PUBLIC_URL']}   (Ctrl+C 停止 · to stop)"
    serving.serve(app, lambda: print(told, flush=True))
    return 0


# ---- database and accounts -----------------------------------------------------------------------------------------


def migrate(arguments) -> int:
    from app import starting

    if not arguments.check:
        prepare_instance()
    with opened() as app:
        if arguments.make:
            from app.core import migrating

            print(migrating.make_revision(arguments.make))
            return 0
        if not arguments.check:
            starting.bring_up_to_date(app, always=True)
        elif found := starting.differences(app):
            raise Unready("\n".join(found))
    print("数据库、约束与权限均为最新 · tables, guards and permissions are up to date")
    return 0


def admin(arguments) -> int:
    """A new administrator, or a new password for an account that is one."""
    from app import starting

    with opened(checked=True):
        name, password, fresh = starting.administrator(arguments.name)
    print(f"{'已新建管理员 · administrator made' if fresh else '密码已重置 · password reset'}: {name}")
    print(f"初始密码（首次登录后须更改） · password, to be changed at first sign-in: {password}")
    return 0


def seed(arguments) -> int:
    from app.demo import SCALE, load_year
    from app.demo import seed as grow

    with opened(checked=True), Progress() as progress:
        made = grow(arguments.customers, progress=progress)
        if arguments.orders:
            load_year(SCALE, progress, arguments.orders, arguments.orders * 3 // 20)
    print(f"完成 · done: {counted(made)}, {arguments.orders:,} 派工单 · orders")
    return 0


def translate(_arguments) -> int:
    from app import translating

    return translating.main()


# ---- workbooks -------------------------------------------------------------------------------------------------------


def bring_in(arguments) -> int:
    from app.core.importing import commands

    with opened(checked=True):
        return commands.import_file(
            Path(arguments.file),
            dry_run=arguments.dry_run,
            project=arguments.project,
            say=print,
            every=arguments.all,
            refused=arguments.refused,
        )


def export_month(arguments) -> int:
    from app.oversight import operations

    with opened(checked=True):
        operations.export_month(arguments.month, arguments.recipient, say=print)
    return 0


def month(word: str) -> str:
    """The month as it was typed, if it is one: 2026-10."""
    try:
        return f"{date.fromisoformat(f'{word}-01'):%Y-%m}"
    except ValueError:
        raise argparse.ArgumentTypeError(f"月份应写作 2026-10 · not a month: {word}") from None


# ---- backups and history ---------------------------------------------------------------------------------------------


def back_up(arguments) -> int:
    from app.core import backup

    with opened(checked=True), Progress() as progress:
        made = backup.make("manual", progress)
        backup.note("backup", made.name)
        path = backup.path_in(made.name)
    print(f"已备份并核对 · made and verified: {path}")
    print(f"{made.rows:,} 行 rows · {made.files:,} 个文件 files · {made.size:,} bytes")
    if made.lacking:
        print(
            f"注意：{made.lacking} 个附件在备份前已缺失或改变 · attachments that were lost before",
            file=sys.stderr,
        )
    return 0


def restore(arguments) -> int:
    from app.core import restoring
    from app.core.archives import Damaged

    prepare_instance()  # on a new machine there is none yet; the archive brings its own key
    with opened() as app, Progress() as progress:
        try:
            done = restoring.restore(app, Path(arguments.file), progress)
        except Damaged as fault:
            raise Unready(f"未恢复，现有数据未改动 · nothing was restored or changed:\n{fault}") from None
    numbers = f"{done.rows:,} 行 rows · {done.files:,} 个文件 files · {done.lines:,} 行历史 history verified"
    print(f"已恢复 · restored: {numbers}")
    if done.aside:
        print(f"原有数据另存为 · what stood before is kept as: {done.aside}")
    if done.new_key:
        print("密钥已换回备份中的密钥，请重启服务 · the secret key is that of the backup; restart the server")
    return 0


def history(arguments) -> int:
    from app.core import history_report
    from app.core.due import checking

    with opened(checked=True):
        if arguments.what == "clocks":
            return checking.run(anew=arguments.anew)
        if arguments.what == "verify":
            return history_report.verify()
        return history_report.show(arguments.count, arguments.register, arguments.record)


# ---- measuring and exercising ------------------------------------------------------------------------------------


def bench(arguments) -> int:
    from app.core import bench as measured

    with opened(checked=True) as app:
        return measured.run(app, arguments.rounds, arguments.register, arguments.json)


def drill(arguments) -> int:
    from app import create_app
    from app.core import drills
    from app.core.refusal import Refused

    try:
        return drills.run(
            lambda settings: create_app(settings, checked=False),
            arguments.name,
            arguments.seconds,
            arguments.database,
            arguments.register or (),
        )
    except Refused as refusal:
        raise Unready(str(refusal)) from refusal


# name, what runs it, one line of help, its words
COMMANDS = (
    ("start", start, "安装、升级并启动 · set up what is missing and serve", (
        ("--demo", {"action": "store_true", "help": "载入演示大厦与演示用户 · with a demo building and demo users"}),
    )),
    ("serve", serve, "只启动 · serve only, on a database that is up to date", ()),
    ("work", work, "处理后台任务和定时任务 · run jobs and clock, where the server does not", (
        ("--once", {"action": "store_true", "help": "只处理一遍 · what waits and is due now, then end"}),
    )),
    ("migrate", migrate, "升级数据库、约束与权限 · bring tables, guards and permissions up to date", (
        ("--check", {"action": "store_true", "help": "只比较，不修改 · compare only"}),
        ("--make", {"metavar": "WHAT", "help": "按模型生成一次升级 · write the migration for what the models now say"}),
    )),
    ("admin", admin, "新建管理员或重置其密码 · make an administrator, or reset the password of one", (
        ("name", {"nargs": "?", "default": "admin", "help": "登录名 · sign-in name (admin)"}),
    )),
    ("seed", seed, "生成任意数量的虚构数据 · fill with invented rows", (
        ("--customers", {"type": int, "required": True, "metavar": "N"}),
        ("--orders", {"type": int, "default": 0, "metavar": "M"}),
    )),
    ("import", bring_in, "导入工作簿 · bring in a workbook", (
        ("file", {"metavar": "FILE"}),
        ("--dry-run", {"action": "store_true", "help": "只预览，不写入 · show what would be done"}),
        ("--project", {"help": "项目；尚无项目时按名称新建 · name or number; the first is made by its name"}),
        ("--all", {"action": "store_true", "help": "列出全部被拒的行 · name every refused row"}),
        ("--refused", {"metavar": "FILE", "help": "被拒的行另存为工作簿 · write the refused rows as a workbook"}),
    )),
    ("export-month", export_month, "生成当月工作簿 · write a month's workbook", (
        ("month", {"type": month, "metavar": "YYYY-MM", "help": MONTH_HELP}),
        ("--recipient", {"help": "接收部门，如 财务部 · the receiving department"}),
    )),
    ("backup", back_up, "备份数据库、附件与密钥 · back up database, attachments and keys", ()),
    ("restore", restore, "恢复备份 · put a backup back", (("file", {"metavar": "FILE"}),)),
    ("history", history, "校验或查看历史记录，核对时限 · verify or show the history, compare kept deadlines with it", (
        ("what", {"choices": ("verify", "show", "clocks"), "nargs": "?", "default": "verify"}),
        ("--count", {"type": int, "default": 50, "help": "行数 · lines to show (50)"}),
        ("--register", {"default": "", "help": "只看某登记 · of one register, such as customer"}),
        ("--record", {"type": int, "help": "只看某条 · of one record, by its id"}),
        ("--anew", {"action": "store_true", "help": "clocks：全部重算时限 · read all clocks anew"}),
    )),
    ("bench", bench, "各登记列表、表单与保存的语句数、字节与用时 · statements, bytes and p50", (
        ("--rounds", {"type": int, "default": 30, "metavar": "N"}),
        ("--register", {"default": "", "help": "只测某登记 · one register only"}),
        ("--json", {"default": "", "metavar": "FILE"}),
    )),
    ("translate", translate, "更新中文词条 · bring the Chinese texts to the source; names what has none", ()),
    ("drill", drill, "高强度演练 · exercises of hard use", (
        ("name", {"nargs": "?", "default": "all", "choices": ("T1", "T9", "T18", "all")}),
        ("--seconds", {"type": int, "default": 120, "help": "读写并发的秒数 · of the readers and writers (120)"}),
        ("--register", {"action": "append", "metavar": "NAME", "help": "T1 所用登记 · registers of T1 (all)"}),
        ("--database", {"action": "append", "metavar": "URL", "help": "演练用空库 · an empty database to use"}),
    )),
)  # fmt: skip


if __name__ == "__main__":
    gc.disable()  # start-up makes what stays, and looking through it again and again costs a sixth of its time
    for stream in (sys.stdout, sys.stderr):  # a console that knows no Chinese shows question marks
        stream.reconfigure(errors="replace", **({} if os.name == "nt" else {"encoding": "utf-8"}))
    sys.exit(main(sys.argv[1:]))
