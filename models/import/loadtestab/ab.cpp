// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestab/ab.h"

#include "base/text.h"
#include "import/loadtestab/abtables.h"
#include "import/loadtestab/abtext.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kText{
    "ab",
    "ApacheBench (text)",
    "*.txt *.log",
    SourceKind::LoadTest,
    "Printed by ab at the end of a run.",
    RecordJoin::Bytes,
};
constexpr FormatDescriptor kGnuplot{
    "ab-requests",
    "ApacheBench requests (gnuplot)",
    "*.tsv *.txt *.dat",
    SourceKind::LoadTest,
    "Written by ab -g FILE.",
};
constexpr FormatDescriptor kPercentiles{
    "ab-percentiles",
    "ApacheBench percentiles (CSV)",
    "*.csv",
    SourceKind::LoadTest,
    "Written by ab -e FILE.",
};

class AbImporter final : public Importer
{
public:
    using Make = std::unique_ptr<Reader> (*)();
    AbImporter(const FormatDescriptor &descriptor, std::string_view head, Make make)
        : m_descriptor(descriptor)
        , m_head(head)
        , m_make(make)
    {}
    const FormatDescriptor &descriptor() const override { return m_descriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const std::string_view start = trimmed(prefix.substr(0, 4096));
        return start.starts_with(m_head) ? Confidence::Magic : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override { return m_make(); }

private:
    const FormatDescriptor &m_descriptor;
    std::string_view m_head;
    Make m_make;
};

} // namespace

const Importer &abTextImporter()
{
    static const AbImporter importer(kText, "This is ApacheBench",
        []() -> std::unique_ptr<Reader> { return std::make_unique<ab::AbTextReader>(); });
    return importer;
}

const Importer &abGnuplotImporter()
{
    static const AbImporter importer(kGnuplot, ab::kGnuplotHead,
        []() -> std::unique_ptr<Reader> { return std::make_unique<ab::AbGnuplotReader>(); });
    return importer;
}

const Importer &abPercentilesImporter()
{
    static const AbImporter importer(kPercentiles, ab::kPercentilesHead,
        []() -> std::unique_ptr<Reader> { return std::make_unique<ab::AbPercentilesReader>(); });
    return importer;
}

} // namespace tailscope::import
