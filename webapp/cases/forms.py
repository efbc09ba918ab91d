"""The small forms around a case: a note, a purpose, a reason, the delivery of a letter."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from forms.answer_field import AnswerProblem
from handlers.letters.delivery import PROOF_LENGTH, RECIPIENT_LENGTH, WAYS
from handlers.personal.kept_apart import PURPOSE_LENGTH
from processes.engine.commands.noting import NOTE_LENGTH

MAX_REASON = 500
OTHER = "other"
PURPOSES = ("联系当事人", "核实身份", "制作、送达文书", "移送其他机关或部门", "整理归档")
"""What personal data are usually looked at for."""


_WAYS = [SelectChoice("", "请选择"), *(SelectChoice(code, name) for code, name in WAYS.items())]


def mistakes(form: FlaskForm) -> list[AnswerProblem]:
    """What is wrong in one of these forms, field by field, for the summary above it."""
    return [AnswerProblem(field.id, field.label.text, message) for field in form for message in field.errors]


class NoteForm(FlaskForm):  # type: ignore[misc]
    """记事."""

    text = TextAreaField(
        "记事内容", [InputRequired("请写明记事内容。"), Length(max=NOTE_LENGTH, message=f"最多 {NOTE_LENGTH} 个字。")]
    )


class PurposeForm(FlaskForm):  # type: ignore[misc]
    """What the personal data of a case are to be looked at for."""

    purpose = RadioField(
        "用途",
        [InputRequired("请选择查看的用途。")],
        choices=[*(SelectChoice(text, text) for text in PURPOSES), SelectChoice(OTHER, "其他用途")],
    )
    other = StringField("其他用途", [Length(max=PURPOSE_LENGTH, message=f"最多 {PURPOSE_LENGTH} 个字。")])

    def validate_other(self, field: StringField) -> None:
        """Wanted where none of the usual purposes fits."""
        if self.purpose.data == OTHER and not (field.data or "").strip():
            raise ValidationError("请写明用途。")

    def words(self) -> str:
        """The purpose as it is written down."""
        return str(self.other.data if self.purpose.data == OTHER else self.purpose.data).strip()


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """Why a value is corrected."""

    reason = TextAreaField(
        "更正理由", [InputRequired("请写明更正的理由。"), Length(max=MAX_REASON, message=f"最多 {MAX_REASON} 个字。")]
    )


class DeliveryForm(FlaskForm):  # type: ignore[misc]
    """How a letter reached somebody."""

    way = SelectField(
        "送达方式",
        [InputRequired("请选择送达方式。")],
        choices=_WAYS,
    )
    delivered_on = DateField("送达日期", [InputRequired("请填写送达日期。")])
    recipient = StringField(
        "受送达人", [InputRequired("请写明受送达人。"), Length(max=RECIPIENT_LENGTH, message="最多 80 个字。")]
    )
    proof = TextAreaField(
        "送达凭证", [InputRequired("请写明送达凭证。"), Length(max=PROOF_LENGTH, message=f"最多 {PROOF_LENGTH} 个字。")]
    )
