"""Error pages: what happened and what to do, in the site's layout, or as a fragment for htmx."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, TooManyRequests

from forms.beijing import BEIJING
from processes.engine.errors import AlreadyDone, CommandRefused, NotFound, NotYours
from webapp.access import own_page, to_login
from webapp.extensions import CSRF_FIELD, actor_or_none
from webapp.form_endpoints import AUTOSAVES, SUBMITS
from webapp.request_bounds import SentTooMuch

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ErrorText:
    """A status in plain words."""

    icon: str
    title: str
    text: str


EXPLANATIONS = {
    400: ErrorText("alert-triangle", "请求有误", "提交的内容不完整或格式不对，请返回上一页检查后重新提交。"),
    403: ErrorText("lock", "没有权限", "您的角色不能打开这个页面或进行这项操作。如确需办理，请联系系统管理员。"),
    404: ErrorText("file-off", "页面不存在", "地址可能有误，或者该内容已被移走。请从菜单重新进入。"),
    405: ErrorText("alert-triangle", "不能这样打开", "这个地址只接受页面上按钮的提交。请从菜单重新进入。"),
    409: ErrorText("users", "已由他人办理", "这项工作的状态刚刚改变，您的提交没有生效。请刷新后查看最新情况。"),
    413: ErrorText(
        "file-off",
        "文件过大",
        "这次提交的附件合计太大，没有收到。请压缩或拆分后再上传，或先上传一部分并保存草稿，再上传其余的。",
    ),
    429: ErrorText("clock-pause", "操作过于频繁", "短时间内的请求太多，请稍等一分钟再试。"),
    500: ErrorText(
        "alert-triangle",
        "系统出现问题",
        "刚才的操作没有完成，已有的数据没有改变。请稍后再试；如仍不行，请把编号告诉系统管理员。",
    ),
}
EXPIRED = ErrorText(
    "clock-pause",
    "页面已过期",
    "页面已过期，请刷新后重试；您填写的内容尚未提交，可先返回上一页复制保存。",
)
OLDER_THAN_THE_SESSION = ErrorText(
    "clock-pause",
    "页面已过期，内容还没有提交",
    "打开这个页面以后，您重新登录过。您填写的内容都在，请再提交一次；新选的附件需要重新选择。",
)
WORK = SUBMITS | AUTOSAVES | {"cases.note", "cases.correct"}
"""Forms that may have taken an afternoon to fill in."""

NOT_DONE = ErrorText("ban", "没有办理", "这项操作没有进行，数据没有改变。请按上面的说明处理后再试。")


def install(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(CommandRefused, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def error_page(
    status: int,
    explanation: ErrorText,
    *,
    incident: str = "",
    detail: str = "",
    typed: Sequence[tuple[str, str]] = (),
    back: str = "",
) -> Response:
    """The page, or for htmx a fragment that goes to the notices at the top of the page.

    `typed` can be sent once more from the page; `back` is a page of ours to return to.
    """
    fragment = bool(request.headers.get("HX-Request"))
    template = "errors/fragment.html" if fragment else "errors/page.html"
    html = render_template(
        template, status=status, explanation=explanation, incident=incident, detail=detail, typed=typed, back=back
    )
    response = make_response(html, status)
    if fragment:
        response.headers["HX-Retarget"] = "#notices"
        response.headers["HX-Reswap"] = "innerHTML show:window:top"
    return response


def _expired(_error: CSRFError) -> ResponseReturnValue:
    """The page is older than the session. Nothing was done; work that was typed can be sent again from the answer.

    That takes a press of a button on a page of ours: by itself, the old token proves nothing.
    """
    if actor_or_none() is None and request.endpoint != "auth.login":
        return to_login()
    if request.endpoint not in WORK:
        return error_page(400, EXPIRED)
    typed = [pair for pair in request.form.items(multi=True) if pair[0] != CSRF_FIELD]
    return error_page(400, OLDER_THAN_THE_SESSION, typed=typed)


def _refused(error: CommandRefused) -> Response:
    if isinstance(error, NotFound):
        return error_page(404, EXPLANATIONS[404])
    if isinstance(error, NotYours):
        return error_page(403, EXPLANATIONS[403], detail=str(error))
    if isinstance(error, AlreadyDone):
        when = f"，时间 {error.at.astimezone(BEIJING):%Y-%m-%d %H:%M}" if error.at else ""
        result = f"，结果：{error.outcome}" if error.outcome else ""
        return error_page(409, EXPLANATIONS[409], detail=f"{error}{when}{result}。")
    return error_page(409, NOT_DONE, detail=str(error))


def _http(error: HTTPException) -> Response | HTTPException:
    status = error.code or 500
    if status < 400:  # a redirect is an HTTPException too
        return error
    if status >= 500:
        return _unexpected(error)
    back = own_page(request.referrer) if status == 413 else ""
    if isinstance(error, SentTooMuch):
        return error_page(413, ErrorText("file-off", "提交的内容过多", error.description or ""), back=back)
    # A sentence of ours, given to `abort`; Werkzeug's own are English and tell people nothing.
    ours = status in (403, 404) and error.description != type(error).description
    detail = error.description or "" if ours else ""
    answer = error_page(status, EXPLANATIONS.get(status, EXPLANATIONS[400]), detail=detail, back=back)
    if isinstance(error, TooManyRequests):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _unexpected(error: Exception) -> Response:
    incident = secrets.token_hex(4).upper()
    log.error("incident %s at %s %s", incident, request.method, request.path, exc_info=error)
    try:
        return error_page(500, EXPLANATIONS[500], incident=incident)
    except Exception:  # the frame needs the database, and that may be what is broken
        log.exception("incident %s: no page could be shown either", incident)
        text = f"{EXPLANATIONS[500].title}。{EXPLANATIONS[500].text}问题编号 {incident}"
        return Response(text, 500, mimetype="text/plain")
