"""External data that points where it must not, or to fewer bytes than it says."""

import os

from onnx import TensorProto

from corpus import constant_of, relu_of


def plant_traps(folder):
    """Files and links around the models: `ok.bin` has 64 bytes, `outside` lies above them."""
    outside = folder.parent / "outside.bin"
    outside.write_bytes(bytes(64))
    (folder / "ok.bin").write_bytes(bytes(64))
    (folder / "hard_original.bin").write_bytes(bytes(64))
    (folder / "junk").mkdir(exist_ok=True)
    (folder / "junk" / "inside.bin").write_bytes(bytes(64))
    os.symlink("ok.bin", folder / "link.bin")
    os.symlink(outside, folder / "link_out.bin")
    os.symlink("junk", folder / "linked_folder")
    os.link(folder / "hard_original.bin", folder / "hard.bin")
    os.mkfifo(folder / "fifo.bin")
    return outside


def external(entries):
    """A float[4] tensor named "culprit" with these external_data entries."""
    tensor = TensorProto(name="culprit", data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    for key, text in entries:
        entry = tensor.external_data.add()
        entry.key, entry.value = key, text
    return tensor


def at(location, offset=None, length=None):
    entries = [("location", location)]
    if offset is not None:
        entries.append(("offset", offset))
    if length is not None:
        entries.append(("length", length))
    return external(entries)


def add_external_cases(corpus):
    outside = plant_traps(corpus.folder)
    refused = {
        "parent": (at("../outside.bin"), "outside the model's folder"),
        "absolute": (at(str(outside)), "outside the model's folder"),
        "proc": (at("/proc/self/environ"), "outside the model's folder"),
        "device": (at("/dev/zero"), "outside the model's folder"),
        "parent_behind_folder": (at("junk/../../outside.bin"), "outside the model's folder"),
        "symlink": (at("link.bin"), "symbolic link"),
        "symlink_outside": (at("link_out.bin"), "symbolic link"),
        "symlinked_folder": (at("linked_folder/inside.bin"), "symbolic link"),
        "length_past_end": (at("ok.bin", "0", "65"), "64"),
        "offset_past_end": (at("ok.bin", "65", "16"), "65"),
        "window_past_end": (at("ok.bin", "56", "16"), "56"),
        "negative_length": (at("ok.bin", "0", "-1"), "-1"),
        "negative_offset": (at("ok.bin", "-16", "16"), "-16"),
        "offset_word": (at("ok.bin", "abc", "16"), "'abc'"),
        "offset_blank": (at("ok.bin", " 0", "16"), "' 0'"),
        "offset_hexadecimal": (at("ok.bin", "0x10", "16"), "'0x10'"),
        "offset_huge": (at("ok.bin", "9" * 30, "16"), "9999"),
        "sum_overflows": (at("ok.bin", str(2**63 - 1), str(2**63 - 1)), str(2**63 - 1)),
        "length_unlike_dims": (at("ok.bin", "0", "12"), "12"),
        "missing": (at("nowhere.bin"), "does not exist"),
        "file_as_folder": (at("ok.bin/x"), "ok.bin/x"),
        "folder": (at("junk"), "a folder"),
        "folder_itself": (at("."), "a folder"),
        "empty_location": (at(""), "empty location"),
        "no_location": (external([("offset", "0")]), "empty location"),
        "fifo": (at("fifo.bin"), "a FIFO"),
        "location_with_nul": (at("ok.bin\0x"), "not a file name"),
        "location_too_long": (at("a" * 5000), "not a file name"),
        "escape_in_location": (at("\x1b[31mred"), "\\x1b"),
        "repeated_key": (external([("location", "ok.bin"), ("location", "../outside.bin")]), "repeats"),
    }
    loading = {
        "plain": at("ok.bin"),
        "window": at("ok.bin", "48", "16"),
        "hard_link": at("hard.bin"),
        "back_inside": at("junk/../ok.bin"),
        "unknown_key": external([("location", "ok.bin"), ("shape", "1")]),
        "any_order": external([("length", "16"), ("location", "ok.bin"), ("offset", "16")]),
    }
    for place, model in (("initializer", relu_of), ("constant", constant_of)):
        for name, (tensor, message) in refused.items():
            corpus.add(f"external_{name}_{place}", model(tensor), "culprit", message)
        for name, tensor in loading.items():
            corpus.add(f"external_{name}_{place}", model(tensor), loads=True)
