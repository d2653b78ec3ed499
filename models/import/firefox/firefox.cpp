// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/firefox/firefox.h"

#include "import/common/jsonkeys.h"
#include "import/firefox/firefoxreader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "firefox",
    "Firefox profile",
    "*.json",
    SourceKind::Profile,
    "Written by the Firefox profiler, its front end, its old developer tools and samply.",
};

class FirefoxImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (firstSignificant(prefix) != '{')
            return Confidence::No;
        JsonKeyScan scan(prefix);
        JsonKey key;
        bool meta = false, interval = false, process = false, library = false, debugName = false;
        bool label = false, markers = false, ticks = false;
        while (scan.next(key)) {
            meta |= key.depth <= 2 && key.name == "meta" && key.valueStart == '{';
            if (key.name == "preprocessedProfileVersion" && meta)
                return Confidence::Strong;
            if (key.depth >= 2 && (key.name == "stackTable" || key.name == "frameTable"))
                return Confidence::Strong;
            interval |= meta && key.name == "interval";
            process |= meta && (key.name == "processType" || key.name == "stackwalk");
            library |= key.depth >= 2 && key.name == "breakpadId";
            debugName |= key.depth >= 2 && key.name == "debugName";
            // The old developer tools put their own findings in front.
            label |= key.depth == 1 && key.name == "label";
            markers |= label && key.depth == 1 && key.name == "markers" && key.valueStart == '[';
            ticks |= markers && (key.name == "isOffMainThread" || key.name == "ticks");
            if ((interval && process) || (library && debugName) || ticks)
                return Confidence::Strong;
        }
        return Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<FirefoxReader>();
    }
};

} // namespace

const Importer &firefoxImporter()
{
    static const FirefoxImporter importer;
    return importer;
}

} // namespace tailscope::import
