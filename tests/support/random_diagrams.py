"""Random block-structured diagrams: whatever people may draw from the supported elements, nested at will.

Blocks have one way in and one way out. Parallel and inclusive pairs that lie in a loop are put into a sub-process, as
the check demands. Between inclusive gateways there are only user tasks: SpiffWorkflow's inclusive join does not see
tokens in sub-processes and multi-instances, nor behind a merge, and fires early; the kernel's does see them
(`test_elements`).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
Block = tuple[str, str]


class RandomDiagram:
    """One diagram; the same for the same seed. `variables` are its yes/no variables."""

    def __init__(self, seed: int, depth: int = 3) -> None:
        self.chance = random.Random(seed)
        self.xml: list[list[str]] = [[]]
        self.variables: list[str] = []
        self.messages: list[str] = []
        self.count = 0
        self.between_inclusive = 0
        start, end = self.node("startEvent"), self.node("endEvent", 'name="end"')
        self.flow(start, (block := self.sequence(depth, False))[0])
        self.flow(block[1], end)

    def bytes(self) -> bytes:
        """The file; its process is called `random`."""
        messages = "".join(f'<bpmn:message id="{m}" name="{m}"/>' for m in self.messages)
        return (
            f'<bpmn:definitions xmlns:bpmn="{BPMN}" xmlns:banli="urn:banli:bpmn:1" targetNamespace="t">{messages}'
            f'<bpmn:process id="random" isExecutable="true">{"".join(self.xml[0])}</bpmn:process></bpmn:definitions>'
        ).encode()

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}_{self.count}"

    def node(self, kind: str, attributes: str = "", inner: str = "") -> str:
        name = self.name(kind)
        self.xml[-1].append(f'<bpmn:{kind} id="{name}" {attributes}>{inner}</bpmn:{kind}>')
        return name

    def flow(self, source: str, target: str, condition: str = "") -> str:
        name = self.name("flow")
        inner = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
        self.xml[-1].append(
            f'<bpmn:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'
        )
        return name

    def variable(self) -> str:
        name = self.name("v")
        self.variables.append(name)
        return name

    def timer(self, duration: str) -> str:
        """No two timers fall due at one moment: which of them goes first is nobody's promise."""
        self.count += 1
        time = f"{duration}{'' if duration.endswith('T') else 'T'}{self.count}M"
        return f"<bpmn:timerEventDefinition><bpmn:timeDuration>'{time}'</bpmn:timeDuration></bpmn:timerEventDefinition>"

    def sequence(self, depth: int, in_loop: bool) -> Block:
        blocks = [self.block(depth, in_loop) for _ in range(self.chance.randint(1, 3))]
        for before, after in pairwise(blocks):
            self.flow(before[1], after[0])
        return blocks[0][0], blocks[-1][1]

    def block(self, depth: int, in_loop: bool) -> Block:
        leaves: list[Callable[[int, bool], Block]] = [self.user, self.user, self.timed, self.each, self.first_event]
        nested = [self.choice, self.pair, self.pair, self.loop, self.sub, self.some]
        if self.between_inclusive:
            leaves, nested = [self.user], [self.user]
        return self.chance.choice(leaves if depth <= 0 else [*leaves, *nested, *nested])(depth - 1, in_loop)

    def user(self, depth: int, in_loop: bool) -> Block:
        task = self.node("userTask", inner=_FORM)
        return task, task

    def timed(self, depth: int, in_loop: bool) -> Block:
        """A task with an interrupting and a non-interrupting timer."""
        task, merge = self.node("userTask", inner=_FORM), self.node("exclusiveGateway")
        self.flow(task, merge)
        days = self.chance.randint(1, 9)
        late = self.node("boundaryEvent", f'attachedToRef="{task}"', self.timer(f"P{days}D"))
        self.flow(late, merge)
        if self.chance.random() < 0.5:
            remind = self.node("boundaryEvent", f'attachedToRef="{task}" cancelActivity="false"', self.timer("PT"))
            urge, urged = self.node("userTask", inner=_FORM), self.node("endEvent")
            self.flow(remind, urge)
            self.flow(urge, urged)
        self.news(task)
        return task, merge

    def news(self, task: str) -> None:
        """At times a message that may come to the activity again and again."""
        if self.chance.random() < 0.5:
            message = self.name("message")
            self.messages.append(message)
            inner = f'<bpmn:messageEventDefinition messageRef="{message}"/>'
            heard = self.node("boundaryEvent", f'attachedToRef="{task}" cancelActivity="false"', inner)
            read, filed = self.node("userTask", inner=_FORM), self.node("endEvent")
            self.flow(heard, read)
            self.flow(read, filed)

    def each(self, depth: int, in_loop: bool) -> Block:
        order = self.chance.choice(["true", "false"])
        item, verdict, verdicts = self.name("item"), self.variable(), self.name("verdicts")
        task = self.node(
            "userTask",
            inner=_FORM + f'<bpmn:multiInstanceLoopCharacteristics isSequential="{order}"><bpmn:loopDataInputRef>items'
            f"</bpmn:loopDataInputRef><bpmn:loopDataOutputRef>{verdicts}</bpmn:loopDataOutputRef>"
            f'<bpmn:inputDataItem id="{item}"/><bpmn:outputDataItem id="{verdict}"/>'
            f"<bpmn:completionCondition>{verdict}</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>",
        )
        self.news(task)
        return task, task

    def first_event(self, depth: int, in_loop: bool) -> Block:
        gateway, merge = self.node("eventBasedGateway"), self.node("exclusiveGateway")
        message = self.name("message")
        self.messages.append(message)
        for inner in (f'<bpmn:messageEventDefinition messageRef="{message}"/>', self.timer("P2D")):
            event = self.node("intermediateCatchEvent", inner=inner)
            self.flow(gateway, event)
            self.flow(event, merge)
        return gateway, merge

    def choice(self, depth: int, in_loop: bool) -> Block:
        return self.branches("exclusiveGateway", depth, in_loop, conditional=True)

    def pair(self, depth: int, in_loop: bool) -> Block:
        if in_loop:
            return self.sub(depth, in_loop, lambda: self.pair(depth, False))
        return self.branches("parallelGateway", depth, in_loop, conditional=False)

    def some(self, depth: int, in_loop: bool) -> Block:
        if in_loop:
            return self.sub(depth, in_loop, lambda: self.some(depth, False))
        self.between_inclusive += 1
        block = self.branches("inclusiveGateway", depth, in_loop, conditional=True)
        self.between_inclusive -= 1
        return block

    def branches(self, kind: str, depth: int, in_loop: bool, *, conditional: bool) -> Block:
        split = self.name(kind)
        merge = self.node(kind)
        flows = []
        for number in range(self.chance.randint(2, 3)):
            first, last = self.sequence(depth, in_loop)
            flows.append(self.flow(split, first, self.variable() if conditional and number else ""))
            self.flow(last, merge)
        default = f'default="{flows[0]}"' if conditional else ""
        self.xml[-1].append(f'<bpmn:{kind} id="{split}" {default}/>')
        return split, merge

    def loop(self, depth: int, in_loop: bool) -> Block:
        again, enough = self.node("exclusiveGateway"), self.name("exclusiveGateway")
        wait = self.user(depth, True)[0]
        first, last = self.sequence(depth, True)
        done = self.node("intermediateThrowEvent")
        self.flow(again, wait)
        self.flow(wait, first)
        self.flow(last, enough)
        self.flow(enough, again, self.variable())
        default = self.flow(enough, done)
        self.xml[-1].append(f'<bpmn:exclusiveGateway id="{enough}" default="{default}"/>')
        return again, done

    def sub(self, depth: int, in_loop: bool, inside: Callable[[], Block] | None = None) -> Block:
        self.xml.append([])
        start, end = self.node("startEvent"), self.node("endEvent")
        first, last = inside() if inside else self.sequence(depth, False)
        self.flow(start, first)
        self.flow(last, end)
        inner = "".join(self.xml.pop())
        task = self.node("subProcess", inner=inner)
        self.news(task)
        if self.chance.random() < 0.5:
            return task, task
        merge = self.node("exclusiveGateway")
        self.flow(task, merge)
        late = self.node("boundaryEvent", f'attachedToRef="{task}"', self.timer("P4D"))
        self.flow(late, merge)
        return task, merge


_FORM = '<bpmn:extensionElements><banli:task form="any"/></bpmn:extensionElements>'
