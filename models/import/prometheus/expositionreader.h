// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"
#include "import/metrics/metricrows.h"
#include "import/prometheus/expositionline.h"
#include "import/prometheus/scrapehistograms.h"

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace tailscope::import::prometheus {

/// Reads scrapes one after the other. A scrape begins with the file, after "# EOF", at a comment or HTTP head
/// with a time, and where the metric that began the one before is declared or sampled again.
class ExpositionReader final : public Reader
{
public:
    static constexpr std::size_t kMaxLine = 1024 * 1024;
    /// Families whose TYPE is remembered.
    static constexpr std::size_t kMaxFamilies = 65'536;
    /// Buckets of one histogram at one time.
    static constexpr std::size_t kMaxBounds = 16'384;

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    struct Family
    {
        enum class Kind { Untyped, Counter, Gauge, Histogram, GaugeHistogram, Summary } kind = Kind::Untyped;
        std::string unit;
    };
    struct Group
    {
        bool open = false;
        std::string key, name, unit;
        std::vector<std::pair<std::string, std::string>> labels;
        std::vector<UpTo> upTo;
        Nanos tsNs = 0;
        std::uint64_t offset = 0;
        bool gauge = false;
    };

    void takeLine(const ExpositionLine &line, std::string_view text, std::uint64_t offset);
    void takeSample(const ExpositionLine &line, std::uint64_t offset);
    bool takeBucket(const ExpositionLine &line, const Family *family, std::string_view base, Nanos tsNs,
        std::uint64_t offset);
    void flushGroup();
    void beginScrape(std::optional<Nanos> tsNs);
    bool takesTime(std::string_view text);
    void noteScrapeOf(std::string_view name, bool declared);
    Nanos timeOf(const ExpositionLine &line);
    const Family *familyOf(std::string_view name, std::string_view &base) const;
    void declare(const ExpositionLine &line);
    void tellTimes(RowSink &sink);

    MetricRows *m_rows = nullptr;
    ImportReport *m_report = nullptr;
    std::unordered_map<std::string, Family> m_families;
    std::string m_lastName; ///< whose family is known
    const Family *m_lastFamily = nullptr;
    std::size_t m_lastBase = 0; ///< length of the family's name in it
    Group m_group;
    std::vector<HistogramBucket> m_buckets;
    std::string m_firstKey; ///< what the scrape begins with
    bool m_scrapeHasRows = false;
    std::int64_t m_scrapes = 0, m_samples = 0;
    std::optional<Nanos> m_scrapeNs; ///< from a comment or HTTP head
    std::optional<Nanos> m_lastNs; ///< of a sample
    std::int64_t m_timed = 0, m_untimed = 0;
    bool m_openMetrics = false, m_ended = false, m_inHttpHead = false;
};

} // namespace tailscope::import::prometheus
