"""The Python face of the native kernels: it checks, allocates and documents; the native code only loops."""

try:
    from cellctl._native import variant as native_variant
    from cellctl.kernels.checksum import HAS_HARDWARE, crc32c
    from cellctl.kernels.crops import Patch, crop_regions, cut_patches
    from cellctl.kernels.edge_profile import edge_profile
    from cellctl.kernels.fft import RealFft
    from cellctl.kernels.gradient import sobel_magnitude
    from cellctl.kernels.kurtogram import Band, most_impulsive_band, spectral_kurtosis
    from cellctl.kernels.local_threshold import local_threshold
    from cellctl.kernels.orders import order_track
    from cellctl.kernels.regions import BOTTOM, REGION, TOP, Bounds, Found, RegionFinder
    from cellctl.kernels.tensor import TensorMaker
    from cellctl.kernels.vibration import Analysis, StreamAnalyser, WindowAnalyser, third_octaves
except ImportError as error:
    message = f"the native kernels are not compiled ({error}); do: pip install -e . in the checkout"
    raise ImportError(message) from error

__all__ = [
    "BOTTOM",
    "HAS_HARDWARE",
    "REGION",
    "TOP",
    "Analysis",
    "Band",
    "Bounds",
    "Found",
    "Patch",
    "RealFft",
    "RegionFinder",
    "StreamAnalyser",
    "TensorMaker",
    "WindowAnalyser",
    "crc32c",
    "crop_regions",
    "cut_patches",
    "edge_profile",
    "local_threshold",
    "most_impulsive_band",
    "native_variant",
    "order_track",
    "sobel_magnitude",
    "spectral_kurtosis",
    "third_octaves",
]
