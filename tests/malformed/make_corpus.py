"""Writes the corpus of malformed models into a folder: python make_corpus.py FOLDER"""

import pathlib
import sys

from corpus import Corpus
from external_cases import add_external_cases
from function_cases import add_function_cases
from graph_cases import add_graph_cases
from operator_cases import add_operator_cases
from wire_cases import add_base_models, add_wire_cases

if __name__ == "__main__":
    corpus = Corpus(pathlib.Path(sys.argv[1]) / "models")
    add_external_cases(corpus)
    add_function_cases(corpus)
    add_graph_cases(corpus)
    add_operator_cases(corpus)
    add_wire_cases(corpus)
    add_base_models(corpus)
    corpus.save()
    print(len(corpus.expected), "models")
