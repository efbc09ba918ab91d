"""What the scenarios walked is marked on the diagram, and the diagram stays the same diagram."""

from __future__ import annotations

from importlib.resources import files

from lxml import etree

from processes.engine.diagrams.reader import read_bpmn
from processes.engine.scenarios.coverage import Gap
from processes.engine.scenarios.marked import MISSED, WALKED, marked
from processes.engine.scenarios.play import Report

TRAINING = files("processes").joinpath("training", "training.bpmn").read_bytes()
STROKE = "{http://bpmn.io/schema/bpmn/biocolor/1.0}stroke"


def test_walked_is_green_missed_is_red_and_the_rest_keeps_its_colour() -> None:
    report = Report("training", "一个情形", nodes={("training", "training_plan"), ("other", "plan_merge")})
    report.flows.add(("training", "to_training_plan"))
    gap = Gap("flow", "training", "plan_returned", "退回")
    ((process, content),) = marked([("training", TRAINING)], [report], [gap])
    strokes = {e.get("bpmnElement"): e.get(STROKE) for e in etree.fromstring(content).iter() if e.get("bpmnElement")}
    assert process == "training"
    assert {key: colour for key, colour in strokes.items() if colour} == {
        "training_plan": WALKED,
        "to_training_plan": WALKED,
        "plan_returned": MISSED,
    }
    before, after = read_bpmn(TRAINING, "training.bpmn"), read_bpmn(content, "training.bpmn")
    assert list(before.processes[0].nodes) == list(after.processes[0].nodes)
