"""The words that a call is understood by, as they stand in a new system: staff edit them as rows of their register.

Knows words and codes only. A word of several parts joined by + counts where all of them stand in the text. A word under
"" says nothing about the matter: it is a place, and hides the shorter words inside it (电梯厅 is no lift).
"""

CATEGORY_WORDS = {
    "water": """漏水 渗水 跑水 滴水 返水 溢水 冒水 喷水 爆管 水管 下水 下水道 下水管 上水管 水龙头 龙头 马桶 便池 小便池 小便斗
        蹲便 坐便 洗手池 洗手盆 洗脸池 水池 水槽 地漏 堵塞 堵了 堵住 不下水 下水慢 停水 没水 没有水 水压 水流+小 热水 没热水 热水器
        软管 角阀 三角阀 阀门 水表 水箱 冲水 冲不下去 自来水 水质 水发黄 水+浑 化粪池 排污 污水 返臭 返味 管道 水泵 积水 淋浴 花洒
        渗漏 洇湿 漏到楼下 楼上漏 水龙头关不""",
    "electric": """跳闸 停电 没电 断电 灯不亮 灯坏 灯+不亮 灯+坏 灯+闪 灯+灭 灯管 灯泡 射灯 日光灯 筒灯 路灯 吊灯 照明 灯带 换灯
        插座 开关 电闸 空开 空气开关 配电箱 配电 短路 漏电 电线 电表 电压 送电 接线 电源 火花 触电 停了电 线路老化""",
    "air": """空调 冷气 暖气 不制冷 不制热 不凉 太热 太冷 闷热 出风口 新风 排风 通风 风机盘管 盘管 冷凝水 空调漏水 空调滴水 空调+漏
        空调+滴 空调+响 空调+味 温控 温控器 温度 采暖 暖气片 暖气+漏 供暖 地暖 风口 制冷 制热 中央空调 室温 空调加时 加时空调 不通风""",
    "lift": """电梯 困人 客梯 货梯 扶梯 轿厢 梯门 电梯门 电梯按钮 困在电梯 关在电梯 平层 直梯 自动扶梯 观光梯 等电梯""",
    "fire": """消防 火警 着火 起火 火灾 失火 烟感 烟雾 冒烟 浓烟 喷淋 灭火器 消火栓 消防栓 消防水带 消防门 防火门 防火卷帘 安全出口
        疏散指示 疏散 应急灯 应急照明 焦糊味 糊味 烧焦 消防通道 消防广播 消防报警 报警器""",
    "equipment": """自动门 旋转门 感应门 发电机 锅炉 冷却塔 机房 变压器 擦窗机 设备房 配电室 水泵房 饮水机 开水器 开水机 直饮水
        升降平台 公共设备""",
    "network": """网络 网线 宽带 断网 上不了网 上网 wifi 无线 电话线 电话不通 电话+没声音 座机 电视 信号 门禁 门禁卡 刷卡 对讲 可视对讲
        摄像头 监控坏 监控+不 弱电 光纤 网口 交换机 路由器 网速 有线电视 背景音乐 刷不开 人脸识别 闸机 读卡器""",
    "civil": """门锁 锁坏 锁芯 换锁 开锁 门把手 把手 合页 铰链 门关不上 门+关不 门+打不开 地弹簧 闭门器 窗户 窗子 窗扇 玻璃 幕墙 墙皮 墙面
        墙壁 裂缝 开裂 脱落 起皮 发霉 天花板 天花 吊顶 地砖 瓷砖 墙砖 地板 台阶 扶手 栏杆 外墙 屋面 屋顶 掉漆 门框 玻璃门 踢脚线 雨棚
        井盖 路面 百叶窗 石材 门坏 木门 大门+坏 变形 翘起""",
    "gas": "燃气 煤气 天然气 煤气味 燃气味 燃气表 煤气灶 灶具 停气 漏气",
    "cleaning": """保洁 卫生 打扫 清扫 清洁 擦玻璃 擦窗 擦一下 脏 很脏 太脏 污渍 呕吐 吐了 痰 烟头 烟灰缸 拖地 洗地 地毯清洗 洗地毯 地毯+脏
        卫生纸 厕纸 擦手纸 洗手液 没纸 没有纸 异味 臭味 难闻 很臭 清洗 开荒 油污 灰尘 积灰 水渍 打翻 洒了 玻璃渣 湿滑 积雪 扫雪
        落叶 脚垫 蜘蛛网 电梯+脏 电梯+卫生 电梯+味 玻璃+脏 玻璃+擦 清理""",
    "waste": """垃圾 垃圾桶 垃圾+满 清运 装修垃圾 建筑垃圾 大件垃圾 废纸箱 纸箱 旧家具 渣土 厨余 收垃圾 垃圾袋 垃圾房 泔水 废品
        电梯+垃圾""",
    "pests": "老鼠 鼠 蟑螂 蚊子 蚊虫 苍蝇 虫子 小虫 飞虫 蚂蚁 白蚁 消杀 灭鼠 灭虫 灭蟑 跳蚤 马蜂 蜂窝 消毒 爬虫",
    "planting": "绿化 植物 绿植 花盆 盆栽 草坪 草地 花坛 花草 花卉 树 大树 树枝 浇水 枯死 枯萎 枯黄 租摆 修剪 灌木 杂草 发财树",
    "security": """保安 安保 陌生人 可疑 小偷 被盗 失窃 偷 丢了 丢失 打架 吵架 闹事 推销 传单 小广告 上门推销 遗失 捡到 尾随 巡逻 岗亭
        门岗 监控录像 调监控 看监控 查监控 录像 斗殴 醉酒 喝醉 吸烟 抽烟 放行 放行条 出门条 搬家 搬出 访客 遛狗 狗 宠物 高空抛物 抛物 堆放
        杂物 电动车 电瓶车 自行车 共享单车 外卖员 快递员 闲杂人 骚扰 威胁 乞讨 流浪 值班保安 巡逻+不""",
    "parking": """停车 车位 占车位 车位+占 乱停 堵车 挡住 挡路 挪车 停车费 月卡 道闸 抬杆 车牌 剐蹭 刮蹭 刮花 划痕 撞车 被撞 充电桩 收费亭
        停车卡 停车证 临停 地锁 我的车 车辆 违停 僵尸车 车库+出 车库+进""",
    "noise": """噪音 噪声 吵 太吵 很吵 扰民 电钻 敲墙 敲打 声音大 声音太大 声音很大 嗡嗡 震动 喧哗 唱歌 跳舞 广场舞 影响休息 影响办公 音响
        装修+吵 装修+噪 装修+声 施工+吵 施工+噪 音乐+大 大声""",
    "fitting_out": """装修 二次装修 装修许可 装修押金 装修手续 装修申请 施工证 施工许可 施工 动火 动火证 施工队 装修队 装修人员 装修材料 拆墙
        砸墙 承重墙 隔断 违规装修 改造 搭建 私搭""",
    "catering": """餐厅 食堂 饭菜 菜里 菜品 菜+凉 用餐 午餐 订餐 餐饮 盒饭 咖啡 点餐 餐具 送餐 供餐 就餐 不新鲜 员工餐 工作餐 饭卡 早餐 晚餐
        饭+头发 饭+虫 吃坏 食物""",
    "attitude": """态度 不耐烦 没礼貌 服务差 骂人 难听 没人接 不接电话 推诿 推来推去 没人管 没人理 踢皮球 敷衍 爱答不理 不理人 冷漠 语气 顶撞
        不负责 服务员 前台+态度 保安+态度 保洁+态度 保安+骂 保安+凶 表扬""",
    "fees": """物业费 管理费 费用 账单 收费 缴费 交费 发票 开票 欠费 水费 电费 水电费 能源费 押金 退款 退押金 多收 乱收费 扣费 催费 催缴 催款
        收据 对账 付款 转账 充值 电卡 购电 租金 退费 滞纳金 供暖费 取暖费 空调费 专票 到账""",
    "mail": """邮件 快递 包裹 信件 报纸 报刊 杂志 挂号信 挂号 ems 邮局 取件 寄件 收件 信箱 顺丰 快件 平信 代收 汇款单 投递 邮包 寄信""",
    "developer": "保修期 质保 开发商 交房 遗留 质量问题 房屋质量 验房 开发公司 面积误差 产权证 房产证 收房 竣工 精装修质量",
    "": """电梯厅 电梯间 电梯口 电梯前室 停车场 地下车库 车库 地库 卫生间 洗手间 厕所 茶水间 消防楼梯 楼梯间 机房里 食堂门口 垃圾房旁
        保安室 餐厅门口 会议室 大堂 走廊 楼道 花园 一楼 邮件室 施工图""",
}  # fmt: skip

# words whose matter goes to another department than the rest of its category
DEPARTMENT_WORDS = {
    ("other", "leasing"): "招租 出租 续租 退租 租房 看房 租一间",
    ("other", "service"): "会议室预订 订会议室 预订会议室 租用会议室 商务中心 复印 打印 名片 代订 留言 通知 公告 入住手续 迁出 办卡",
    ("other", "sales"): "购房 买房 销售 楼盘",
}

# words that tell what kind of call it is; more than one may stand, the first kind in this order wins
KIND_WORDS = {
    "alarm": "着火 起火 火警 困人 困在 救命 晕倒 昏倒 打架 小偷 抢劫 触电 报警 冒烟",
    "complaint": """投诉 不满 太差 态度 没人管 没人来 没人理 一直没 好几次 多次 反映过 又 忍无可忍 12345 消协 曝光 赔偿 说法 抗议 太过分
        不负责 敷衍 扰民""",
    "praise": "表扬 感谢 锦旗 点赞 好评",
    "suggestion": "建议 希望能 最好能 能否增加 提个意见",
    "inquiry": "请问 咨询 问一下 想问 怎么办理 怎么收 多少钱 几点 在哪里 在哪 想了解 流程 电话是多少",
    "service": "特约 有偿 帮忙搬 代购 加时 安装 代办",
}  # fmt: skip

# words that mean danger: proposed, never set by themselves
DANGER_WORDS = {
    "emergency": """困人 困在 关在电梯 着火 起火 冒烟 浓烟 火警 失火 触电 漏电 跳闸 火花 焦糊味 糊味 烧焦 煤气味 燃气味 漏气 爆炸 爆管 跑水 晕倒
        昏倒 受伤 流血 打架 救命 跳楼 坠落 砸伤 高空抛物 持刀 抢劫""",
    "urgent": "停电 停水 没电 没水 淹 马上 赶紧 尽快 紧急 着急 返水 溢水 喷水",
}  # fmt: skip


def seed() -> list[dict]:
    """A row for each word: ``word``, and where it says so ``category``, ``department`` (code), ``kind``, ``urgency``."""
    found: dict[str, dict] = {}

    def add(words, **known):
        for word in words.split():
            found.setdefault(word, {"word": word}).update(known)

    for category, words in CATEGORY_WORDS.items():
        add(words, **({"category": category} if category else {}))
    for (category, department), words in DEPARTMENT_WORDS.items():
        add(words, category=category, department=department)
    for kind, words in reversed(KIND_WORDS.items()):
        add(words, kind=kind)
    for urgency, words in reversed(DANGER_WORDS.items()):
        add(words, urgency=urgency)
    return list(found.values())
