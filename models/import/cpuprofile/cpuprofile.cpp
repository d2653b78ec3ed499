// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/cpuprofile/cpuprofile.h"

#include "import/common/jsonkeys.h"
#include "import/cpuprofile/cpuprofilereader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "cpuprofile",
    "V8 CPU profile",
    "*.cpuprofile",
    SourceKind::Profile,
    "Written by Node.js (--cpu-prof), Chrome's developer tools and every other V8 inspector client.",
};

class CpuProfileImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (firstSignificant(prefix) != '{')
            return Confidence::No;
        JsonKeyScan scan(prefix);
        JsonKey key;
        bool nodes = false, head = false, times = false, deltas = false;
        while (scan.next(key)) {
            if (key.depth == 1) {
                nodes |= key.name == "nodes" && key.valueStart == '[';
                head |= key.name == "head" && key.valueStart == '{';
                times |= key.name == "startTime" || key.name == "endTime";
                deltas |= key.name == "timeDeltas" || key.name == "timestamps";
                if ((nodes || head) && times && deltas)
                    return Confidence::Strong;
            }
            // The nodes of a big profile fill the prefix.
            if (nodes && key.depth == 3 && key.name == "callFrame")
                return Confidence::Strong;
            if (head && key.depth >= 2 && (key.name == "callUID" || key.name == "bailoutReason"))
                return Confidence::Strong;
        }
        return Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<CpuProfileReader>();
    }
};

} // namespace

const Importer &cpuProfileImporter()
{
    static const CpuProfileImporter importer;
    return importer;
}

} // namespace tailscope::import
