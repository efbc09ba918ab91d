"""Fields whose answer is picked and not written: boxes, choices, files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms.validators import StopValidation

from forms.answer_field import AnswerField, Attachment, Surroundings
from forms.form_file import Field


class CheckField(AnswerField):
    """checkbox: True or False."""

    verb = "勾选"
    data: bool

    def empty(self) -> bool:
        """Not ticked."""
        return False

    def load(self, value: Any) -> None:
        """A stored true or false."""
        self.data = value is True or value == "true"

    def read(self, texts: list[str]) -> None:
        """A ticked box is sent, an unticked one is not."""
        self.data = texts[0] not in {"", "0", "false"}

    def is_blank(self) -> bool:
        """A required box must be ticked."""
        return not self.data

    def answer(self) -> bool:
        """Never null."""
        return self.data

    def text(self) -> str:
        """是 or 否."""
        return "是" if self.data else "否"


class ChoiceField(AnswerField):
    """select and radio. Accounts (`source` accounts:...) are stored as their number, the rest as text."""

    verb = "选择"
    data: str | None

    @property
    def selected(self) -> list[str]:
        """The chosen values."""
        return [self.data] if self.data else []

    def load(self, value: Any) -> None:
        """A stored value, even one that is offered no longer: the summary of an old case shows it."""
        self.data = str(value) if value not in (None, "") else None

    def read(self, texts: list[str]) -> None:
        """Only what is offered."""
        if not texts[0]:
            return
        if texts[0] not in dict(self.options):
            raise ValueError(f"“{self.spec.label}”的选项已变化，请重新选择。")
        self.data = texts[0]

    def json_value(self) -> str | int | None:
        """The value as stored."""
        return None if self.data is None else stored_choice(self.spec, self.data)

    def answer(self) -> str | None:
        """The text that the browser sees too."""
        return self.data

    def text(self) -> str:
        """The labels; a value that is offered no longer stands for itself."""
        labels = dict(self.options)
        return "、".join(labels.get(value, value) for value in self.selected)


class ChoicesField(AnswerField):
    """checklist and taglist: a list in the order of the options, each once."""

    verb = "选择"
    data: list[str]

    @property
    def selected(self) -> list[str]:
        """The chosen values."""
        return self.data

    def empty(self) -> list[str]:
        """Nothing chosen."""
        return []

    def load(self, value: Any) -> None:
        """A stored list."""
        if isinstance(value, list):
            self.data = [str(item) for item in value if isinstance(item, (str, int))]

    def read(self, texts: list[str]) -> None:
        """Only what is offered."""
        given, offered = set(texts) - {""}, [value for value, _ in self.options]
        self.data = [value for value in offered if value in given]
        if given - set(offered):
            raise ValueError(f"“{self.spec.label}”的选项已变化，请重新选择。")

    def pre_validate(self, form: Surroundings) -> None:
        """As for every answer; and enough of them."""
        super().pre_validate(form)
        if len(self.data) < self.spec.min_choices:
            raise StopValidation(f"“{self.spec.label}”至少选{self.spec.min_choices}项。")

    def json_value(self) -> list[str | int]:
        """The values as stored."""
        return [stored_choice(self.spec, value) for value in self.data]

    def answer(self) -> list[str]:
        """The texts that the browser sees too; an empty list is not null."""
        return self.data

    def text(self) -> str:
        """The labels; a value that is offered no longer stands for itself."""
        labels = dict(self.options)
        return "、".join(labels.get(value, value) for value in self.selected)


class FilesField(AnswerField):
    """filepicker: ids of attachments uploaded before. Which ids a person may name is said by `bind(files=)`."""

    verb = "上传"
    data: list[int]

    def empty(self) -> list[int]:
        """No files."""
        return []

    def load(self, value: Any) -> None:
        """A stored list of ids."""
        if isinstance(value, list):
            self.data = [item for item in value if isinstance(item, int) and not isinstance(item, bool)]

    def read(self, texts: list[str]) -> None:
        """Ids in the order sent, each once."""
        numbers = [text for text in texts if text]
        if not all(text.isascii() and text.isdigit() and len(text) < 16 for text in numbers):
            raise ValueError(f"“{self.spec.label}”的附件编号不对，请重新上传。")
        self.data = list(dict.fromkeys(int(text) for text in numbers))

    def answer(self) -> list[int]:
        """For `count(files)`."""
        return self.data

    def change(self, action: str, number: int) -> bool:
        """Drop the file `number`."""
        if action != "drop" or number not in self.data:
            return False
        self.data = [file for file in self.data if file != number]
        return True

    def attachments(self) -> list[Attachment]:
        """The files named here that the person may name."""
        known: Mapping[int, Attachment] = self._form.files
        return [known[file] for file in self.data if file in known]

    def text(self) -> str:
        """The names of the files."""
        return "、".join(file.name for file in self.attachments())

    def help(self) -> str:
        """The hint, and what may be uploaded."""
        spec = self.spec
        kinds = "、".join(part.removeprefix(".").removesuffix("/*") for part in spec.accept).replace("image", "图片")
        number = f"最多 {spec.max_files} 个文件，每个" if spec.multiple else "1 个文件，"
        limits = f"{number}不超过 {spec.max_size_mb} MB" + (f"，可用格式：{kinds}" if kinds else "") + "。"
        return f"{spec.help} {limits}".strip()


def stored_choice(spec: Field, value: str) -> str | int:
    """A chosen value as it is stored: account numbers as int, all else as the text it is."""
    return int(value) if spec.source.startswith("accounts") and value.isascii() and value.isdigit() else value


def offered(spec: Field, choices: Mapping[str, Sequence[tuple[str, str]]]) -> Sequence[tuple[str, str]]:
    """The (value, label) pairs of a choice: written in the form file, or looked up at run time."""
    return choices[spec.source] if spec.source else tuple(spec.labels().items())
