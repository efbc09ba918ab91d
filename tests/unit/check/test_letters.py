"""Letter templates before they are published: each is filled in with samples, and what would go wrong is said."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from handlers.letters.bounded import Trials
from handlers.letters.samples import Occasion
from processes.engine.check import check_bundle, check_paths
from processes.engine.check.finding import Finding
from tests.unit.check.drawing import FORMS, ROLES, SERVICES, between, element, form

INDEX = """
notice:
  title: 通知书
  number_format: "{number}号"
  parameters: [reason, rows]
  rows: {rows: [title, pages]}
""".encode()
COURSES = {
    "type": "dynamiclist",
    "path": "courses",
    "label": "课程",
    "components": [{"type": "textfield", "key": "topic", "label": "内容"}],
}
BUREAU = {"bureau": "某局", "phones": {"centre": ""}, "address": "", "supervision": ""}


def word(
    *paragraphs: str, inside: Callable[[docx.document.Document], None] | None = None, language: str = "zh-CN"
) -> bytes:
    """A Word file of these paragraphs."""
    document = docx.Document()
    document.styles.element.find(f".//{qn('w:lang')}").set(qn("w:eastAsia"), language)
    for text in paragraphs:
        document.add_paragraph(text)
    if inside is not None:
        inside(document)
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def with_xml(xml: str, *paragraphs: str) -> bytes:
    """A Word file that ends in a paragraph with this XML."""

    def add(document: docx.document.Document) -> None:
        document.add_paragraph()._p.append(parse_xml(re.sub(r"^<(w:\w+)", rf"<\1 {nsdecls('w')}", xml)))

    return word(*paragraphs, inside=add)


def with_part(name: str, content: str) -> bytes:
    """A Word file with one more part in it."""
    made = BytesIO(word("正文"))
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr(name, content)
    return made.getvalue()


def issuing(*bindings: str) -> bytes:
    """A diagram that issues the letter `notice`."""
    given = "".join(f'<banli:in name="{b.partition("=")[0]}" value="{b.partition("=")[2]}"/>' for b in bindings)
    handler = f'<banli:handler name="letters.issue"/><banli:in name="template" value="\'notice\'"/>{given}'
    return between(element("serviceTask", "middle", "", handler))


def findings(
    template: bytes, *bindings: str, index: bytes | None = INDEX, forms: Mapping[str, bytes] = FORMS
) -> list[Finding]:
    every = check_bundle(
        {"sample.bpmn": issuing(*bindings)},
        forms=forms,
        services=SERVICES,
        roles=ROLES,
        letters={"notice.docx": template},
        letter_index=index,
    )
    return [finding for finding in every if finding.code == "letter_template"]


def said(template: bytes, *bindings: str) -> str:
    """What the check says of a template."""
    every = findings(template, *bindings)
    assert {finding.file for finding in every} <= {"notice.docx"}
    return "\n".join(finding.sentence for finding in every if finding.is_error)


GOOD = word(
    "{{ bureau.letter_head }}",
    "{{ labels.subject }}：{% if facts.kind == 'a' %}甲{% elif facts.kind == 'b' %}乙{% endif %}",
    "{{ labels.amount }}元",
    "{%p for approval in approvals %}",
    "{{ approval.step }}{% if approval.comment %}：{{ approval.comment }}{% endif %}",
    "{%p endfor %}",
    "{% set who = contact or '经办人' %}{{ who }} {{ today }} {{ number }} {甲}{1}",
)


def test_a_template_that_every_case_can_fill_in_passes() -> None:
    assert findings(GOOD) == []


NOT_WORD = {
    "text": (b"not a document", "不是完好的 Word 文件"),
    "empty": (b"", "不是完好的 Word 文件"),
    "old Word": (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "旧版 .doc"),
    "cut off": (GOOD[:2000], "不是完好的 Word 文件"),
    "macros": (with_part("word/vbaProject.bin", "x"), "宏"),
    "broken part": (with_part("word/header9.xml", "<w:hdr"), "不是完好的 Word 文件"),
}


@pytest.mark.parametrize("kind", NOT_WORD)
def test_what_is_no_word_file_is_refused(kind: str) -> None:
    content, words = NOT_WORD[kind]
    assert words in said(content)


def test_a_file_that_unpacks_beyond_what_documents_are_is_refused() -> None:
    made = BytesIO(GOOD)
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/picture.bin", bytes(20_000_000))
    assert "不像正常的 Word 文件" in said(made.getvalue())


def test_a_workbook_under_the_name_of_a_letter_is_refused() -> None:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert "不是 Word 文件" in said(made.getvalue())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ case.numbr }}", "「case.numbr」不存在，文书会填不出来，是不是「case.number」？"),
        ("{{ lables.subject }}", "是不是「labels"),
        ("{{ labels.subjct }}", "是不是「labels.subject」？"),
        ("{{ person }}", "「person」不存在"),
        ("{% if facts.kind == 'z' %}{{ labels.nobody }}{% endif %}", "「labels.nobody」不存在"),
        ("{% for one in approvals %}{{ one.nmae }}{% endfor %}", "是不是「approvals.name」？"),
        ("{{ approvals[-1].opinion if approvals else '' }}", "「approvals.opinion」不存在"),
        ("{% for one in steps|reverse %}{{ one.when }}{% endfor %}", "「steps.when」不存在"),
        ("{{ parameters.cause }}", "「parameters.cause」不存在"),
        ("{{ bureau.telephone }}", "「bureau.telephone」不存在"),
        ("{{ bureau['fax'] }}", "「bureau.fax」不存在"),
        ("{{ labels.subject.uper() }}", "「labels.subject.uper」不存在"),
        ("{% macro line(text) %}{{ text }}{{ txt }}{% endmacro %}", "「txt」不存在"),
    ],
)
def test_a_name_that_no_letter_has_is_said_with_the_nearest_one(text: str, words: str) -> None:
    assert words in said(word(text), "reason=subject")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ case.number", "没有写完整"),
        ("{{ case.number }", "没有写完整"),
        ("正文 }} 完", "没有写完整"),
        ("{{ case..number }}", "占位符写错了"),
        ("{% if urgent %}急", "请补上 {% endfor %} 或 {% endif %}"),
        ("{% wenn facts.urgent %}", "不认识「wenn」"),
        ("{{ today|datum }}", "没有的功能"),
        ("{{ ''.__class__.__mro__ }}", "不允许"),
    ],
)
def test_a_placeholder_that_cannot_be_read_is_said_with_its_place(text: str, words: str) -> None:
    assert words in said(word("第一段", text))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("您好｛｛ case.number ｝｝", "{{ case.number }}"),
        ("您好｛{ case.number }｝", "{{ case.number }}"),
        ("｛％ if facts.urgent ％｝急{% endif %}", "{% if facts.urgent %}"),
        ("您好{case.number}", "{{ case.number }}"),
        ("您好 ${labels.subject}", "{{ labels.subject }}"),
        ("您好｛subject｝", "{{ subject }}"),
        ("您好«today»", "{{ today }}"),
    ],
)
def test_braces_that_would_be_printed_are_said_with_the_right_ones(text: str, written: str) -> None:
    assert written in said(word(text))


def test_braces_in_headers_and_tables_are_seen_too() -> None:
    def inside(document: docx.document.Document) -> None:
        document.sections[0].header.paragraphs[0].text = "｛｛ number ｝｝"
        document.add_table(1, 1).cell(0, 0).text = "{today}"

    sentences = said(word(inside=inside))
    assert "{{ number }}" in sentences
    assert "{{ today }}" in sentences


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ('<w:ins w:id="1" w:author="a"><w:r><w:t>新</w:t></w:r></w:ins>', "1 处没有接受的修订"),
        ('<w:del w:id="1" w:author="a"><w:r><w:delText>旧</w:delText></w:r></w:del>', "1 处没有接受的修订"),
        ('<w:moveFrom w:id="1" w:author="a"><w:r><w:t>旧</w:t></w:r></w:moveFrom>', "1 处没有接受的修订"),
        ('<w:fldSimple w:instr=" MERGEFIELD 姓名 "/>', "邮件合并域「姓名」"),
        ("<w:r><w:instrText>MERGE</w:instrText><w:instrText>FIELD 地址</w:instrText></w:r>", "邮件合并域「地址」"),
    ],
)
def test_what_would_go_out_unwanted_is_said(xml: str, words: str) -> None:
    assert words in said(with_xml(xml))


def test_comments_are_said_with_their_number() -> None:
    comments = f'<w:comments {nsdecls("w")}><w:comment w:id="1"/><w:comment w:id="2"/></w:comments>'
    assert "2 条批注" in said(with_part("word/comments.xml", comments))


def test_placeholders_where_nothing_is_filled_in_are_said() -> None:
    text = "<w:p><w:r><w:t>{{ today }}</w:t></w:r></w:p>"
    note = f"<w:endnotes {nsdecls('w')}><w:endnote>{text}</w:endnote></w:endnotes>"
    assert "不会被填写" in said(with_part("word/endnotes.xml", note))


def test_a_condition_that_ends_inside_a_table_is_refused_for_word_would_lose_text() -> None:
    def table(document: docx.document.Document) -> None:
        document.add_table(1, 1).cell(0, 0).text = "{% endif %}"

    assert "会缺一部分" in said(word("{% if facts.urgent %}急件", inside=table))
    assert said(word("{%p if facts.urgent %}", "急件", "{%p endif %}")) == ""


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ("{{ approvals[-1].comment }}", "各项都没有填写时"),
        ("{{ (approvals|first).name }}", "各项都没有填写时"),
        ("{{ facts.subject.strip() }}", "各项都没有填写时"),
        ("{% if facts.amount %}{{ facts.subject.strip() }}{% endif %}", "没有「facts.subject」时"),
        ("{% if facts.kind == 'b' %}{{ approvals[5].name }}{% endif %}", "「facts.kind」是「b」时"),
        ("{{ parameters.rows[0].title }}", "各项都没有填写时"),
    ],
)
def test_what_fails_only_in_some_cases_is_said_with_the_case(text: str, case: str) -> None:
    sentence = said(word(text), "rows=kind")
    assert case in sentence
    assert "在「做middle」这一步" in sentence


def test_a_parameter_that_one_of_the_steps_does_not_pass_is_said_of_that_step() -> None:
    both = check_bundle(
        {"sample.bpmn": issuing("reason=subject"), "other.bpmn": issuing().replace(b'"sample"', b'"other"')},
        forms=FORMS,
        services=SERVICES,
        roles=ROLES,
        letters={"notice.docx": word("{{ parameters.reason }}")},
    )
    sentences = [finding.sentence for finding in both if finding.code == "letter_template"]
    assert len(sentences) == 1
    assert "没有值：「reason」" in sentences[0]


def test_a_column_that_the_table_has_not_is_said() -> None:
    forms = FORMS | {"sample": form("sample", {"type": "textfield", "key": "subject", "label": "标题"}, COURSES)}
    good = word("{% for course in labels.courses %}{{ course.topic }}{% endfor %}")
    assert [one for one in findings(good, forms=forms)] == []
    wrong = word("{% for course in labels.courses %}{{ course.subject }}{% endfor %}")
    assert ["labels.courses.subject" in one.sentence for one in findings(wrong, forms=forms)] == [True]


def test_what_a_step_spells_out_is_never_thought_empty() -> None:
    template = word("{% if parameters.reason == 'late' %}迟到{% else %}{{ approvals[9].name }}{% endif %}")
    assert said(template, "reason='late'") == ""
    assert "列表里没有那么多项" in said(template, "reason=subject")


def test_a_letter_that_no_step_issues_yet_is_tried_with_what_its_index_says() -> None:
    template = word("{{ parameters.reason }}{% for one in parameters.rows %}{{ one.page }}{% endfor %}")
    every = check_bundle(
        {}, forms=FORMS, services=SERVICES, roles=ROLES, letters={"notice": template}, letter_index=INDEX
    )
    assert [(finding.file, "是不是" in finding.sentence) for finding in every] == [("notice.docx", True)]


def test_of_a_name_that_is_wrong_in_many_places_one_sentence_is_said() -> None:
    assert len(findings(word("{{ case.numbr }}", "{{ case.numbr }}", "{{ case.numbr }}"))) == 1


def test_while_a_form_cannot_be_read_its_fields_are_not_called_unknown_in_letters() -> None:
    assert findings(word("{{ labels.subject }}"), forms=FORMS | {"sample": b"{"}) == []


def test_a_template_with_tracking_switched_on_is_only_pointed_out() -> None:
    def track(document: docx.document.Document) -> None:
        document.settings.element.append(parse_xml(f"<w:trackRevisions {nsdecls('w')}/>"))

    assert [finding.severity for finding in findings(word("正文", inside=track))] == ["notice"]


@pytest.mark.parametrize("language", ["en-US", "ja-JP"])
def test_a_template_that_takes_its_chinese_for_another_language_is_pointed_out(language: str) -> None:
    (finding,) = findings(word("正文", language=language))
    assert finding.severity == "notice"
    assert language in finding.sentence
    assert findings(word("正文", language="zh-TW")) == []


OCCASION = Occasion("制作", {}, {}, {})


def test_a_template_that_never_ends_is_stopped_and_said() -> None:
    endless = word("{% for a in range(90000) %}{% for b in range(90000) %}{{ a * b }}{% endfor %}{% endfor %}")
    trials = Trials(seconds=1)
    try:
        assert "1 秒还没有填完" in trials.try_out(endless, [OCCASION], [BUREAU]).problems[0]
        assert trials.try_out(word("{{ today }}"), [OCCASION], [BUREAU]).problems == (), "the next one is tried as ever"
    finally:
        trials.close()


def test_a_template_that_eats_memory_is_stopped_and_said() -> None:
    assert "内存太多" in said(word("{% set a = 'x' * 900000000 %}{{ a ~ a }}"))


def test_more_rounds_than_a_letter_can_want_are_refused() -> None:
    assert "循环次数太多" in said(word("{% for a in range(1000000000) %}{{ a }}{% endfor %}"))


def test_a_template_is_tried_once_and_again_when_what_it_uses_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    trials, asked = Trials(), []
    ask = trials._ask

    def counted(content: bytes, *others: object) -> Mapping[str, object]:
        asked.append(content)
        return ask(content, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(trials, "_ask", counted)
    template = word("{{ labels.subject }}")
    subject = Occasion("制作", {"subject": "样本"}, {"subject": "样本"}, {})
    more = Occasion("制作", {"subject": "样本", "amount": 3}, {"subject": "样本", "amount": "3"}, {})
    try:
        for occasion in (subject, subject, more):
            assert trials.try_out(template, [occasion], [BUREAU]).problems == ()
        assert len(asked) == 1, "a field that the letter does not use makes no difference to it"
        assert trials.try_out(template, [OCCASION], [BUREAU]).problems != ()
        assert len(asked) == 2
    finally:
        trials.close()


def test_the_process_that_tries_letters_is_begun_again_when_it_has_ended() -> None:
    trials = Trials()
    try:
        trials.try_out(word("{{ today }}"), [OCCASION], [BUREAU])
        assert trials._process is not None
        trials._process.kill()
        trials._process.wait()
        assert trials.try_out(word("{{ number }}"), [OCCASION], [BUREAU]).problems == ()
    finally:
        trials.close()


def test_a_letter_named_on_the_command_line_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "reply.docx"
    path.write_bytes(word("{{ case.numbr }}"))
    every, checked = check_paths([str(path)])
    assert checked == 1
    assert [(finding.file, finding.is_error) for finding in every] == [(str(path), True)]
