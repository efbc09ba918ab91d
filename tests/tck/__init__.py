"""The DMN Technology Compatibility Kit against `forms.feel`: `make tck SUITE=path/to/checkout`."""
