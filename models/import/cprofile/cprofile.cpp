// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/cprofile/cprofile.h"

#include "base/text.h"
#include "import/cprofile/cprofileline.h"
#include "import/cprofile/cprofilereader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "cprofile",
    "Python cProfile table",
    "*.txt",
    SourceKind::Profile,
    "Printed by python -m cProfile and by pstats (print_stats): functions with calls and times, no stacks.",
};

class CProfileImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        bool summary = false;
        for (const std::string_view line : split(prefix, '\n')) {
            const std::string_view text = trimmed(line);
            summary |= cprofile::parseSummary(text).has_value();
            if (cprofile::isTableHead(text))
                return Confidence::Strong;
        }
        return summary ? Confidence::Likely : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<CProfileReader>();
    }
};

} // namespace

const Importer &cprofileImporter()
{
    static const CProfileImporter importer;
    return importer;
}

} // namespace tailscope::import
