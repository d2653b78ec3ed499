// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestgatling/gatling.h"

#include "base/text.h"
#include "import/loadtestgatling/gatlingreader.h"

#include <algorithm>
#include <array>

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "gatling",
    "Gatling simulation.log (text)",
    "simulation.log *.log",
    SourceKind::LoadTest,
    "Written by Gatling up to 3.11 into the folder of a report.",
};

class GatlingImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (prefix.size() >= kSniffBytes)
            prefix = prefix.substr(0, prefix.rfind('\n') + 1);
        static constexpr std::array<std::string_view, 6> kKinds{"RUN", "USER", "REQUEST", "GROUP", "ERROR",
            "ASSERTION"};
        std::size_t lines = 0, records = 0, sure = 0;
        for (const std::string_view line : split(prefix, '\n')) {
            if (trimmed(line).empty())
                continue;
            ++lines;
            const std::string_view kind = line.substr(0, line.find('\t'));
            records
                += kind.size() < line.size() && std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end()
                ? 1
                : 0;
            sure += kind == "RUN" || kind == "REQUEST" || kind == "USER" ? 1 : 0;
        }
        return sure > 0 && records * 10 >= lines * 9 ? Confidence::Strong : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<gatling::GatlingReader>();
    }
};

} // namespace

const Importer &gatlingImporter()
{
    static const GatlingImporter importer;
    return importer;
}

} // namespace tailscope::import
