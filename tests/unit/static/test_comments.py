"""Scripts go over the wire without their comments, and are the same otherwise."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from quizserver.static_files import HashedStaticFiles, without_comments
from tests.unit.static.test_scripts import NODE, ROOT

SCRIPTS = sorted(
    path
    for folder in ("host", "player", "practice", "screen", "shared")
    for path in (ROOT / "static" / folder).glob("*.js")
)
TYPE = re.compile(r"/\*\* @\w+ [^*]*\*/ ?")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_script_loses_lines_of_comments_and_types_alone(path: Path) -> None:
    script = path.read_text(encoding="utf-8")
    bare = without_comments(script)
    kept = iter(bare.split("\n"))
    lost = []
    line = next(kept, None)
    for own in script.split("\n"):
        if TYPE.sub("", own) == line:
            line = next(kept, None)
        else:
            lost.append(own.strip())
    assert line is None
    assert all(not text or re.match(r"//|/\*|\*", text) for text in lost), lost


def test_scripts_without_comments_are_scripts(tmp_path: Path) -> None:
    for path in SCRIPTS:
        bare = tmp_path / f"{path.parent.name}-{path.stem}.mjs"
        bare.write_text(without_comments(path.read_text(encoding="utf-8")), encoding="utf-8")
        done = subprocess.run([NODE, "--check", bare], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("name", "kept"), [("player/x.js", b"go();\n"), ("admin/x.js", b"// Why.\ngo();\n")])
def test_they_are_left_out_where_files_are_collected_also_of_a_file_that_was_read(
    tmp_path: Path, name: str, kept: bytes
) -> None:
    storage = HashedStaticFiles(location=tmp_path)
    content = ContentFile(b"// Why.\ngo();\n")
    content.read()
    storage.save(name, content)
    assert (tmp_path / name).read_bytes() == kept


def test_two_modules_may_know_each_others_types(tmp_path: Path) -> None:
    source, collected = tmp_path / "source", tmp_path / "collected"
    scripts = {
        "player/a.js": '/** @typedef {import("./b.js").B} B */\nimport { b } from "./b.js";\n/** @type {B} */ (b)();\n',
        "player/b.js": '/** @typedef {import("./a.js").A} A */\nexport const b = (/** @type {A} */ a) => a;\n',
    }
    for name, script in scripts.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(script)
    storage = HashedStaticFiles(location=collected)
    for name, script in scripts.items():
        storage.save(name, ContentFile(script.encode()))
    paths = {name: (FileSystemStorage(location=source), name) for name in scripts}
    hashed = {name: new for name, new, processed in storage.post_process(paths) if processed}
    page, module = (collected / hashed[name] for name in scripts)
    assert page.read_text() == f'import {{ b }} from "./{module.name}";\n(b)();\n'
    assert module.read_text() == "export const b = (a) => a;\n"
