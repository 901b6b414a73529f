"""A package that verifies itself: what differs is found, named and measured, and archives are not trusted."""

import io
import json
import stat
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuyi.cli import main
from shuyi.errors import DataError
from shuyi.files import sha256
from shuyi.review import archive
from shuyi.review.compare_files import compare, compare_all
from shuyi.review.verify import MANIFEST, verification_text, verify

TABLE = b"row,estimate,p\na,0.5,0.01\nb,-1.25,0.2\n"


class TestCompare:
    @pytest.mark.parametrize(
        ("path", "before", "after", "kind", "numbers", "largest", "place"),
        [
            ("t.csv", TABLE, TABLE, "equal", 0, 0, ""),
            ("t.csv", TABLE, TABLE.replace(b"-1.25", b"-1.0"), "numbers", 1, 0.25, "row 2, estimate"),
            ("t.csv", TABLE, TABLE.replace(b"0.01", b""), "content", 0, 0, ""),
            ("t.csv", TABLE, TABLE.replace(b"0.5", b"0.50"), "content", 0, 0, ""),
            ("t.csv", TABLE, TABLE + b"c,1,1\n", "content", 0, 0, ""),
            ("t.csv", b"n\n1\n", b"n\nnan\n", "numbers", 1, float("inf"), "row 1, n"),
            ("a.json", b'{"x": [1, 2]}', b'{"x": [1, 2.5]}', "numbers", 1, 0.5, "x[1]"),
            ("a.json", b'{"x": true}', b'{"x": false}', "content", 0, 0, ""),
            ("a.rounded.csv", b"r\n(0.12)\n", b"r\n(0.13)\n", "numbers", 1, 0.01, "row 1, r"),
        ],
    )
    def test_what_differs_is_named_and_measured(self, path, before, after, kind, numbers, largest, place):
        found = compare(path, before, after)
        assert (found.kind, found.numbers, found.place) == (kind, numbers, place)
        assert found.largest == pytest.approx(largest)

    @pytest.mark.parametrize("path", ["a.csv", "a.json", "a.png", "a.html"])
    @given(before=st.binary(max_size=60), after=st.binary(max_size=60))
    @settings(max_examples=40, deadline=None)
    def test_any_bytes_are_compared_and_only_the_same_are_equal(self, path, before, after):
        assert (compare(path, before, after).kind == "equal") == (before == after)

    @given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
    @settings(max_examples=60, deadline=None)
    def test_the_difference_of_two_numbers_is_exact(self, a, b):
        before, after = (json.dumps({"v": value}).encode() for value in (a, b))
        assert compare("a.json", before, after).largest == (0.0 if before == after else abs(a - b))

    def test_files_of_one_run_alone_are_told(self):
        found = compare_all({"a": b"1", "b": b"1"}, {"b": b"1", "c": b"1"})
        assert [(one.path, one.kind) for one in found] == [("a", "missing"), ("b", "equal"), ("c", "added")]

    def test_deeply_nested_json_is_no_crash(self):
        deep = b"[" * 100_000
        assert compare("a.json", deep, deep + b" ").kind == "content"


def package(**changes):
    contents = {"config/config.yaml": b"a: 1\n", "results/t.csv": TABLE} | changes.pop("contents", {})
    digests = {path: sha256(content) for path, content in contents.items()}
    manifest = {
        "inputs": {p: d for p, d in digests.items() if not p.startswith("results/")},
        "outputs": {p: d for p, d in digests.items() if p.startswith("results/")},
        "versions": {"numpy": "2.0"},
        "settings": {},
    }
    return contents | {MANIFEST: json.dumps(manifest | changes).encode()}


class TestVerify:
    def test_a_package_whose_rerun_gives_the_same_holds(self):
        found = verify(package(), {"results/t.csv": TABLE})
        assert found.holds
        assert verification_text(found).startswith("1 of 1 results equal the rerun byte for byte")

    def test_changed_inputs_results_and_versions_are_named(self):
        contents = package() | {"config/config.yaml": b"a: 2\n", "results/t.csv": b"x"}
        found = verify(contents, None, {"numpy": "2.1"})
        text = verification_text(found)
        assert not found.holds
        assert found.inputs_changed == ("config/config.yaml",) and found.results_changed == ("results/t.csv",)
        assert "numpy: 2.0 in the package, 2.1 here" in text

    def test_a_rerun_with_another_number_says_by_how_much(self):
        found = verify(package(), {"results/t.csv": TABLE.replace(b"-1.25", b"-1.0")})
        assert "1 of 4 numbers differ, by 0.25 at most (relatively 0.2, at row 2, estimate)" in (
            verification_text(found)
        )

    def test_logs_and_the_manifest_itself_are_not_compared(self):
        rerun = {"results/t.csv": TABLE, "results/logs/a.log": b"", MANIFEST: b"other"}
        assert verify(package(), rerun).holds

    @pytest.mark.parametrize("content", [b"", b"[]", b'{"inputs": []}', b"[" * 100_000, b"\xff"])
    def test_what_is_no_manifest_is_refused(self, content):
        with pytest.raises(DataError, match="no package here"):
            verify({MANIFEST: content})


def zipped(*entries):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content, mode in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            target.writestr(info, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


class TestArchive:
    @given(st.dictionaries(st.from_regex(r"[a-z]{1,5}(/[a-z]{1,5}){0,2}\.x", fullmatch=True), st.binary()))
    @settings(max_examples=30, deadline=None)
    def test_what_is_packed_is_unpacked_and_order_does_not_matter(self, contents):
        packed = archive.pack(contents)
        assert archive.unpack(packed) == contents
        assert packed == archive.pack(dict(reversed(contents.items())))

    @pytest.mark.parametrize("name", ["../a", "/a", "a/../../b", "c:\\a", "a\\..\\b"])
    def test_paths_that_lead_out_are_refused(self, name):
        with pytest.raises(DataError, match="refused"):
            archive.unpack(zipped((name, b"", 0o100644)))

    def test_links_are_refused(self):
        with pytest.raises(DataError, match="or a link"):
            archive.unpack(zipped(("a", b"/etc/passwd", stat.S_IFLNK | 0o777)))

    def test_too_much_is_refused_before_it_is_read(self, monkeypatch):
        monkeypatch.setattr(archive, "MAX_BYTES", 1000)
        with pytest.raises(DataError, match="2,000 bytes"):
            archive.unpack(zipped(("a", b"0" * 2000, 0o100644)))

    @pytest.mark.parametrize("content", [b"", b"PK", b"no archive"])
    def test_what_is_no_archive_is_refused(self, content):
        with pytest.raises(DataError, match="cannot be read"):
            archive.unpack(content)


class TestCommand:
    def test_an_archive_and_a_folder_say_the_same(self, tmp_path, capsys):
        contents = package()
        packed = tmp_path / "p.zip"
        packed.write_bytes(archive.pack({f"top/{path}": content for path, content in contents.items()}))
        for path, content in contents.items():
            (tmp_path / "folder" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "folder" / path).write_bytes(content)
        for given_ in (packed, tmp_path / "folder"):
            assert main(["verify", str(given_), "--no-rerun", "--json", str(tmp_path / "found.json")]) == 0
            assert "are those of the manifest" in capsys.readouterr().out
            assert json.loads((tmp_path / "found.json").read_text())["holds"]

    def test_results_of_another_folder_are_compared(self, tmp_path, capsys):
        packed = tmp_path / "p.zip"
        packed.write_bytes(archive.pack(package()))
        (tmp_path / "other").mkdir()
        (tmp_path / "other/t.csv").write_bytes(TABLE.replace(b"0.5", b"0.75"))
        assert main(["verify", str(packed), "--against", str(tmp_path / "other")]) == 1
        assert "differ, by 0.25 at most" in capsys.readouterr().out

    def test_a_rerun_runs_the_programs_of_the_package(self, tmp_path, capsys):
        rule = 'rule all:\n    output: "results/t.csv"\n    shell: "cp config/config.yaml {output}"\n'
        contents = package(contents={"Snakefile": rule.encode(), "results/t.csv": b"a: 1\n"})
        packed = tmp_path / "p.zip"
        packed.write_bytes(archive.pack(contents))
        assert main(["verify", str(packed), "--cores", "1"]) in (0, 1)
        assert "1 of 1 results equal the rerun byte for byte" in capsys.readouterr().out

    def test_a_rerun_that_fails_is_told(self, tmp_path, capsys):
        packed = tmp_path / "p.zip"
        packed.write_bytes(archive.pack(package(contents={"Snakefile": b"rule all: input: 'nothing'\n"})))
        assert main(["verify", str(packed), "--cores", "1"]) == 2
        assert "The rerun of the package failed" in capsys.readouterr().err

    def test_what_is_not_there_is_told(self, capsys):
        assert main(["verify", "nowhere.zip"]) == 2
        assert "There is no nowhere.zip" in capsys.readouterr().err
