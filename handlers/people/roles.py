"""The roles people hold. A lane of a diagram is one of these."""

from __future__ import annotations

from dataclasses import dataclass

UNIT = "unit"
BUREAU = "bureau"


@dataclass(frozen=True, slots=True)
class Role:
    """`scope` unit: holds for one department. `scope` bureau: holds for every task of the role, wherever it arose."""

    code: str
    label: str
    scope: str

    @property
    def is_bureau_wide(self) -> bool:
        """Whether tasks of this role are not filtered by department."""
        return self.scope == BUREAU


_LIST = (
    Role("centre_clerk", "中心经办人", UNIT),
    Role("centre_head", "中心负责人", UNIT),
    Role("receiver", "接收员", UNIT),
    Role("reviewer", "中心审核员", UNIT),
    Role("supervisor", "中心督办员", UNIT),
    Role("statistician", "中心统计员", UNIT),
    Role("office_reviewer", "办公室审核员", UNIT),
    Role("bureau_leader", "局领导", BUREAU),
    Role("deputy_director", "分管局长", BUREAU),
    Role("bureau_head", "区局负责人", BUREAU),
    Role("section_clerk", "业务股室经办人", UNIT),
    Role("section_head", "业务股室负责人", UNIT),
    Role("legal_reviewer", "法规审核员", UNIT),
    Role("unit_clerk", "承办人", UNIT),
    Role("unit_head", "承办单位负责人", UNIT),
    Role("mediator", "调解员", UNIT),
    Role("verifier", "核查人", UNIT),
    Role("archivist", "档案员", UNIT),
    Role("discipline", "党建室（纪检）", BUREAU),
    Role("process_owner", "流程负责人", BUREAU),
    Role("administrator", "系统管理员", BUREAU),
    Role("observer", "查询", BUREAU),
)

ROLES = {role.code: role for role in _LIST}
"""All roles by code, in the order screens show them."""

PERMISSIONS: dict[str, frozenset[str]] = {
    "admin.people": frozenset({"administrator"}),
    "admin.departments": frozenset({"administrator"}),
    "admin.profile": frozenset({"administrator", "process_owner"}),
    "admin.calendar": frozenset({"administrator", "process_owner"}),
    "admin.substitutions": frozenset({"administrator"}),
    "admin.disclosures": frozenset({"administrator"}),
    "cases.steer": frozenset({"centre_head", "administrator"}),
    "cases.repair": frozenset({"administrator", "process_owner"}),
    "register.import": frozenset({"receiver", "reviewer", "centre_head", "administrator"}),
}
"""Named permission to the roles that have it."""


def role_label(code: str) -> str:
    """The Chinese name of a role; an unknown code is shown as it is."""
    role = ROLES.get(code)
    return role.label if role else code


def has_permission(permission: str, roles: frozenset[str]) -> bool:
    """Whether any of `roles` carries the named permission. Raises KeyError for a permission nobody defined."""
    return not PERMISSIONS[permission].isdisjoint(roles)
