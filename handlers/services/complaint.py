"""The service functions of the diagram `complaint`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms.beijing import BEIJING
from handlers.service_registry import HandlerContext, service


@service("complaint.accept")
def accept(context: HandlerContext) -> Mapping[str, Any]:
    """`accepted_at`, also as a fact: now, as ISO text in Beijing time. Mediation and the grades' limits count from it.

    The moment of the command and not an answer of a form: nobody can move the start of a legal limit.
    Source: S2:26 在受理投诉人投诉之日起60日内; S2:37 受理后7个工作日内.
    """
    return _moment(context, "accepted_at")


@service("complaint.handled")
def handled(context: HandlerContext) -> Mapping[str, Any]:
    """`handled_at`, also as a fact: now, as ISO text in Beijing time. The limit of the reply counts from it.

    Set when a result is fed back, and anew when it was sent back and fed back again: the centre's check of the result
    takes time of the reply's own three days. Source: S2:39 在投诉举报案件办结后…3个工作日内 (R064).
    """
    return _moment(context, "handled_at")


def _moment(context: HandlerContext, name: str) -> Mapping[str, Any]:
    moment = {name: context.now.astimezone(BEIJING).isoformat(timespec="seconds")}
    context.keep(moment)
    return moment
