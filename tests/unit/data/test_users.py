import numpy as np
import pandas as pd
import pytest
from snapshot_files import clean

from shuyi.china.provinces import codes, resolve_code, sample
from shuyi.data.users import clean_user_table, join_user_table
from shuyi.errors import AlignmentError, DataError
from shuyi.files import read_csv_text

YEARS = range(2016, 2025)


def cleaned(table, **options):
    return clean_user_table(table, units=codes(), resolve=resolve_code, **options)


@pytest.fixture
def rows():
    return pd.DataFrame(
        [(p.zh, str(y), f"{i}.5", str(y - 2000)) for i, p in enumerate(sample()) for y in YEARS],
        columns=["province", "year", "pku", "depth"],
    )


def test_names_codes_and_aliases_become_codes(rows):
    rows.loc[rows["province"] == "西藏自治区", "province"] = "Xizang"
    rows.loc[rows["province"] == "陕西省", "province"] = "Shaanxi"
    rows.loc[rows["province"] == "北京市", "province"] = "110000"
    table = cleaned(rows.iloc[::-1])
    assert tuple(table.index.get_level_values("unit").unique()) == codes()
    assert table.loc[("610000", 2020), "pku"] == codes().index("610000") + 0.5
    assert list(table.columns) == ["pku", "depth"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_in_the_usual_encodings_give_the_same_table(rows, encoding, tmp_path):
    path = tmp_path / "我的 数据.csv"
    path.write_bytes(rows.to_csv(index=False).encode(encoding))
    pd.testing.assert_frame_equal(cleaned(read_csv_text(path)), cleaned(rows))


def test_empty_cells_are_missing_values(rows):
    rows.loc[0, "pku"], rows.loc[1, "pku"] = "", " NA "
    table = cleaned(rows)
    assert table["pku"].isna().sum() == 2


def test_every_kind_of_problem_is_reported_at_once(rows):
    rows.loc[1, "pku"] = "12,5"
    rows.loc[2, "pku"] = "n.a."
    rows.loc[3, "depth"] = "1_000"
    rows.loc[9, "province"] = "Tianjing"
    rows.loc[10, "province"] = "Hong Kong"
    rows.loc[11, "year"] = "2018年"
    rows = pd.concat([rows.drop(index=20), rows.iloc[[0]]], ignore_index=True)
    with pytest.raises(DataError) as caught:
        cleaned(rows)
    message = str(caught.value)
    for part in (
        "6 kind(s) of problems",
        "unknown province: 'Tianjing' in line 11 (did you mean Tianjin (120000)",
        "province outside the sample: 'Hong Kong' in line 12",
        "not a year: '2018年' in line 13",
        "text in a number: '12,5' in line 3, column pku, 'n.a.' in line 4, column pku",
        "'1_000' in line 5, column depth",
        "repeated row: 110000 2016 in lines 2, 280",
        "no row for: 120000 2016, 120000 2017, 120000 2018, 130000 2018",
    ):
        assert part in message


def test_a_missing_province_has_empty_cells_and_the_sample_to_paste_is_named(rows):
    with pytest.warns(UserWarning, match=r'No rows for 540000(.|\n)*without_540000: \["540000"\]'):
        table = cleaned(rows[rows["province"] != "西藏自治区"])
    assert table.loc["540000"].isna().all(axis=None)
    assert table.drop("540000").notna().all(axis=None)


def test_a_missing_row_of_a_province_that_has_others_is_refused(rows):
    with pytest.raises(DataError, match=r"no row for: 110000 2017; .*empty cells: 110000,2017,,"):
        cleaned(rows.drop(index=1))


def test_further_years_are_left_out_with_a_warning(rows):
    with pytest.warns(UserWarning, match=r"Rows of 2016 to 2018, 2024 are left out"):
        table = cleaned(rows, years=range(2019, 2024))
    assert sorted(set(table.index.get_level_values("period"))) == list(range(2019, 2024))


def test_years_asked_for_must_be_there(rows):
    with pytest.raises(DataError, match=r"no row of any province for 2015: supply .*panel\.first_year"):
        cleaned(rows, years=range(2015, 2025))


def test_ambiguous_province_is_refused_with_the_candidates(rows):
    rows.loc[0, "province"] = "Guang"
    with pytest.raises(DataError, match=r"'Guang' in line 2 \(write the full name: Guangdong, Guangxi\)"):
        cleaned(rows)


def test_missing_and_repeated_columns_are_refused(rows):
    with pytest.raises(DataError, match=r"without pkuu[\s\S]*did you mean 'pku'"):
        cleaned(rows, variables=["pkuu"])
    with pytest.raises(DataError, match=r"names a column twice[\s\S]*pku"):
        cleaned(rows.set_axis(["province", "year", "pku", "pku"], axis=1))


def test_join_puts_each_cell_where_it_belongs(rows):
    panel = join_user_table(clean().panel, cleaned(rows), {"pku": "points"})
    np.testing.assert_array_equal(panel["pku"], np.tile(np.arange(31) + 0.5, (9, 1)))
    np.testing.assert_array_equal(panel["depth"], np.tile(np.arange(16, 25)[:, None], (1, 31)))
    assert (panel.measures["pku"], panel.measures["depth"]) == ("points", "as supplied")


def test_join_reports_unmatched_keys_of_both_sides(rows):
    table = cleaned(rows).rename(index={2024: 2025}, level="period")
    with pytest.raises(AlignmentError) as caught:
        join_user_table(clean().panel, table)
    assert "only in the panel: ('110000', 2024)" in str(caught.value)
    assert "only in the table: ('110000', 2025)" in str(caught.value)


def test_join_never_replaces_or_repeats(rows):
    table = cleaned(rows)
    with pytest.raises(DataError, match=r"already in the panel: urbanisation"):
        join_user_table(clean().panel, table.rename(columns={"pku": "urbanisation"}))
    with pytest.raises(DataError, match=r"repeated: \('110000', 2016\)"):
        join_user_table(clean().panel, pd.concat([table, table.iloc[[0]]]))
