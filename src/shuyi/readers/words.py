"""Words by which headers, notes and totals are recognised, in the languages that the readers know."""

from __future__ import annotations

import re

UNIT_WORDS = frozenset(
    ("地区", "省份", "省", "省市", "省区市", "城市", "市", "县", "区县", "地级市", "国家", "单位名称", "名称")
) | frozenset(
    ("region", "regions", "province", "provinces", "state", "states", "city", "cities", "county", "counties")
)
UNIT_WORDS |= {
    "area",
    "geo",
    "country",
    "countries",
    "name",
    "unit",
    "nuts",
    "nuts_id",
    "district",
    "prefecture",
}
"""Titles of columns that hold units."""

UNIT_PARTS = ("prov", "pref", "city", "county", "state", "region", "country", "nuts", "fips", "adcode")
"""Parts of such titles, for names made of several words."""

CODE_PARTS = ("code", "fips", "nuts_id", "geoid", "adcode", "iso", "gid", "代码", "编码")
"""Parts of the titles of columns that hold codes of units."""

PERIOD_WORDS = frozenset(("年份", "年", "年度", "时间", "季度", "月份", "日期")) | frozenset(
    ("year", "years", "yr", "period", "time", "quarter", "month", "date", "t")
)
"""Titles of columns that hold periods."""

ITEM_WORDS = frozenset(("指标", "项目", "indicator", "indicators", "item", "items", "variable", "series"))
"""Titles of columns that hold the names of variables."""

ORDER_WORDS = frozenset(("序号", "no", "no.", "nr", "#", "id", "_id", "index", "unnamed: 0"))
"""Titles of columns that only number the rows or units."""

TOTAL_WORDS = frozenset(
    ("全国", "总计", "合计", "全国总计", "全国合计", "平均", "全国平均", "小计")
) | frozenset(("total", "totals", "national total", "all", "sum", "average", "mean"))
"""Names of rows that sum or average the others."""

MEASURE_KEYS = frozenset(("单位", "计量单位", "unit", "units"))
"""Keys that name the unit of measurement of a whole table or row."""

NOTE = re.compile(
    r"^[\s\u3000*#]*(?:注|数据来源|资料来源|来源|说明|备注|数据整理|由\S{0,20}整理|note|notes|source|sources)"
    r"(?:\s*[:：.．]|\s*$|\s*\d+[.．])|^数$|^注$|^由.{0,20}数据整理$",
    re.IGNORECASE,
)
"""First cells of rows below a table that are remarks."""

NUMBERED_NOTE = re.compile(r"^\u3000{2,}\S|^\d+[.．、]\s*[^\d\s]")
"""First cells of rows that go on with remarks, where they hold no figures."""

KEY_VALUE = re.compile(r"^\s*([^:：]{1,20})\s*[:：]\s*(.*?)\s*$", re.S)
"""Lines above a table such as ``unit: persons``."""
