// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pproflegacy/pproflegacy.h"

#include "base/text.h"
#include "import/pproflegacy/legacycpu.h"
#include "import/pproflegacy/legacytext.h"

namespace tailscope::import {

namespace {

using namespace pproflegacy;

constexpr FormatDescriptor kDescriptor{
    "pprof-legacy",
    "pprof profile (older forms)",
    "*.prof *.heap *.txt",
    SourceKind::Profile,
    "Written by gperftools (CPU, heap, contention) and by Go's net/http/pprof with debug=1 or debug=2.",
};

constexpr std::size_t kMaxLine = 1024 * 1024;
constexpr std::size_t kHeadBytes = 40;

/// A source whose first bytes were looked at.
class Ahead final : public ByteSource
{
public:
    explicit Ahead(ByteSource &source)
        : m_source(source)
    {}
    Result<std::string_view> look()
    {
        while (m_held.size() < kHeadBytes) {
            const Result<std::string_view> chunk = m_source.next();
            if (!chunk)
                return fail(chunk.error());
            if (chunk->empty())
                break;
            m_held += *chunk;
        }
        return std::string_view(m_held);
    }
    Result<std::string_view> next() override
    {
        if (!m_given && !m_held.empty()) {
            m_given = true;
            return std::string_view(m_held);
        }
        m_passed = true;
        return m_source.next();
    }
    std::uint64_t offset() const override { return m_passed ? m_source.offset() : 0; }
    const std::string &name() const override { return m_source.name(); }

private:
    ByteSource &m_source;
    std::string m_held;
    bool m_given = false, m_passed = false;
};

class LegacyReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        SourceInfo info;
        info.kind = SourceKind::Profile;
        info.clock = ClockKind::None;
        sink.setSource(info);
        Ahead ahead(source);
        const Result<std::string_view> prefix = ahead.look();
        if (!prefix)
            return fail(prefix.error());
        LegacyStacks stacks;
        const std::optional<Words> words = wordsOf(*prefix);
        const Result<void> result
            = words ? readCpu(ahead, *words, stacks, sink, report) : readText(ahead, stacks, sink, report);
        if (stacks.cut())
            report.note(IssueSeverity::DataLoss, "stack-too-deep", 0,
                "frames beyond a depth of 10,000, or beyond 4,000,000 call paths, were cut off");
        return result;
    }

private:
    static Result<void> readCpu(ByteSource &source, Words words, LegacyStacks &stacks, RowSink &sink,
        ImportReport &report)
    {
        const Result<Nanos> period = readCpuProfile(source, words, stacks, report);
        ProfileRow cpu, samples;
        cpu.name = cpu.sampleType = "cpu";
        cpu.unit = "ns";
        samples.name = samples.sampleType = "samples";
        samples.unit = "samples";
        cpu.period = samples.period = period ? *period : 0;
        stacks.emit({cpu, samples}, sink);
        return period ? Result<void>() : fail(period.error());
    }

    static Result<void> readText(ByteSource &source, LegacyStacks &stacks, RowSink &sink,
        ImportReport &report)
    {
        LineReader lines(source, kMaxLine);
        LegacyText text(stacks, report);
        Line line;
        while (lines.next(line))
            text.take(line);
        text.finish();
        if (text.head())
            stacks.emit(text.profiles(), sink);
        TS_TRY(lines.result());
        if (!text.head())
            return fail(ErrorCode::BadInput, source.name(), "it is none of the older profiles of pprof",
                "they begin with \"heap profile:\", \"--- contentionz\", \"goroutine profile:\" or "
                "\"goroutine 1 "
                "[running]:\"");
        return {};
    }
};

class PprofLegacyImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (wordsOf(prefix))
            return Confidence::Magic;
        const std::string_view text = trimmed(prefix.substr(0, 4096));
        const std::string_view line = text.substr(0, text.find('\n'));
        return parseHead(line) ? Confidence::Strong : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<LegacyReader>();
    }
};

} // namespace

const Importer &pprofLegacyImporter()
{
    static const PprofLegacyImporter importer;
    return importer;
}

} // namespace tailscope::import
