"""Reading BPMN files safely, the model of a diagram, its picture and its trail."""
