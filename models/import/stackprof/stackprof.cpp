// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/stackprof/stackprof.h"

#include "import/common/jsonkeys.h"
#include "import/stackprof/stackprofreader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "stackprof",
    "stackprof JSON",
    "*.json",
    SourceKind::Profile,
    "Written by stackprof for Ruby (StackProf.run(raw: true) dumped as JSON, stackprof --json).",
};

class StackprofImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (firstSignificant(prefix) != '{')
            return Confidence::No;
        JsonKeyScan scan(prefix);
        JsonKey key;
        bool mode = false, interval = false, own = false;
        while (scan.next(key)) {
            if (key.depth != 1)
                continue;
            mode |= key.name == "mode" && key.valueStart == '"';
            interval |= key.name == "interval";
            own |= key.name == "gc_samples" || key.name == "missed_samples"
                || key.name == "raw_timestamp_deltas";
            if (mode && interval && own)
                return Confidence::Strong;
        }
        return Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<StackprofReader>();
    }
};

} // namespace

const Importer &stackprofImporter()
{
    static const StackprofImporter importer;
    return importer;
}

} // namespace tailscope::import
