// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestwrk/wrk.h"

#include "import/loadtestwrk/wrkreader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "wrk",
    "wrk, wrk2 (text)",
    "*.txt *.log",
    SourceKind::LoadTest,
    "Printed by wrk --latency and by wrk2 at the end of a run.",
    RecordJoin::Bytes,
};

class WrkImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const std::size_t at = prefix.find("Running ");
        if (at == std::string_view::npos || (at > 0 && prefix[at - 1] != '\n'))
            return Confidence::No;
        const std::string_view line = prefix.substr(at, prefix.find('\n', at) - at);
        return line.find(" test @ ") != std::string_view::npos
                && prefix.find(" threads and ") != std::string_view::npos
            ? Confidence::Magic
            : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<wrk::WrkReader>();
    }
};

} // namespace

const Importer &wrkImporter()
{
    static const WrkImporter importer;
    return importer;
}

} // namespace tailscope::import
