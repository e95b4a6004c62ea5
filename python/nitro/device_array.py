"""Arrays of other libraries in a GPU's memory, seen without a copy."""

import ctypes

# DLPack's device and type codes.
CUDA_DEVICES = (2, 13)  # device memory, managed memory
DLPACK_WORDS = {
    (0, 8): "i8", (0, 32): "i32", (0, 64): "i64", (1, 8): "u8", (2, 16): "f16", (2, 32): "f32",
    (2, 64): "f64", (4, 16): "bf16", (6, 8): "bool",
}  # fmt: skip
INTERFACE_WORDS = {
    "<f4": "f32", "<f2": "f16", "<f8": "f64", "|i1": "i8", "|u1": "u8", "<i4": "i32", "<i8": "i64",
    "|b1": "bool",
}  # fmt: skip


class _Tensor(ctypes.Structure):
    """DLTensor of dlpack.h."""

    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    ]


def is_on_device(array):
    """Whether `array` says that it is in a GPU's memory."""
    device = getattr(array, "__dlpack_device__", None)
    if device is not None:
        return int(device()[0]) in CUDA_DEVICES
    return hasattr(array, "__cuda_array_interface__")


def _is_contiguous(shape, strides):
    expected = 1
    for extent, stride in zip(reversed(shape), reversed(strides)):
        if extent > 1 and stride != expected:
            return False
        expected *= extent
    return True


class DeviceArray:
    """Address, dtype (a word of Nitro) and shape of a contiguous array on a GPU. Keeps what it looks at
    alive. TypeError for what is on no GPU or of another type, ValueError for what is not contiguous."""

    def __init__(self, array, stream=0):
        if not is_on_device(array):
            raise TypeError("it is not in the memory of a GPU")
        if hasattr(array, "__dlpack__"):
            self._from_dlpack(array, stream)
        else:
            self._from_interface(array.__cuda_array_interface__)
            self._owner = array

    def _from_dlpack(self, array, stream):
        # 1 is CUDA's default stream in DLPack, where 0 is not allowed.
        self._owner = array.__dlpack__(stream=stream or 1)
        get = ctypes.pythonapi.PyCapsule_GetPointer
        get.restype = ctypes.c_void_p
        get.argtypes = [ctypes.py_object, ctypes.c_char_p]
        tensor = _Tensor.from_address(get(self._owner, b"dltensor"))
        self.shape = tuple(tensor.shape[i] for i in range(tensor.ndim))
        strides = [tensor.strides[i] for i in range(tensor.ndim)] if tensor.strides else None
        if strides is not None and not _is_contiguous(self.shape, strides):
            raise ValueError("it is not contiguous")
        self.dtype = DLPACK_WORDS.get((tensor.code, tensor.bits))
        if self.dtype is None or tensor.lanes != 1:
            raise TypeError("its elements are of no type that Nitro has")
        self.address = (tensor.data or 0) + tensor.byte_offset

    def _from_interface(self, interface):
        self.shape = tuple(interface["shape"])
        self.dtype = INTERFACE_WORDS.get(interface["typestr"])
        if self.dtype is None:
            raise TypeError(f"its elements are {interface['typestr']}")
        if interface.get("strides") is not None:
            size = int(interface["typestr"][2:])
            strides = [stride // size for stride in interface["strides"]]
            if not _is_contiguous(self.shape, strides):
                raise ValueError("it is not contiguous")
        self.address = interface["data"][0]
