"""What macOS knows about the application: names, and the documents that it opens."""

from __future__ import annotations

from typing import Any

DOCUMENTS = {
    "JPEG image": ("public.jpeg",),
    "PNG image": ("public.png",),
    "TIFF image": ("public.tiff",),
    "WebP image": ("org.webmproject.webp",),
    "HEIF image": ("public.heic", "public.heif"),
    "AVIF image": ("public.avif",),
    "JPEG 2000 image": ("public.jpeg-2000",),
    "JPEG XL image": ("public.jpeg-xl",),
    "BMP image": ("com.microsoft.bmp",),
    "GIF image": ("com.compuserve.gif",),
}

INFO: dict[str, Any] = {
    "CFBundleName": "SRGAN Desktop",
    "CFBundleDisplayName": "SRGAN Desktop",
    "CFBundleLocalizations": ["en", "zh-Hans"],
    "CFBundleDevelopmentRegion": "en",
    "LSApplicationCategoryType": "public.app-category.photography",
    "LSMinimumSystemVersion": "14.0",
    "NSHighResolutionCapable": True,
    "NSPrincipalClass": "NSApplication",
    "NSRequiresAquaSystemAppearance": False,
    "CFBundleDocumentTypes": [
        {
            "CFBundleTypeName": name,
            "CFBundleTypeRole": "Viewer",
            "LSHandlerRank": "Alternate",
            "LSItemContentTypes": list(types),
        }
        for name, types in DOCUMENTS.items()
    ],
}
