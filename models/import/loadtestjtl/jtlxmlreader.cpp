// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestjtl/jtlxmlreader.h"

#include "base/text.h"
#include "import/loadtestjtl/jtlrows.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <QXmlStreamReader>

namespace tailscope::import::jtl {

namespace {

constexpr std::size_t kMaxDepth = 64, kMaxText = 64 * 1024;

/// Attributes of a sample element and the fields they are.
constexpr std::array<std::pair<const char *, std::string_view JtlSample::*>, 14> kAttributes{{
    {"ts", &JtlSample::timeStamp},
    {"t", &JtlSample::elapsed},
    {"lb", &JtlSample::label},
    {"rc", &JtlSample::responseCode},
    {"rm", &JtlSample::responseMessage},
    {"tn", &JtlSample::threadName},
    {"dt", &JtlSample::dataType},
    {"s", &JtlSample::success},
    {"by", &JtlSample::bytes},
    {"sby", &JtlSample::sentBytes},
    {"ng", &JtlSample::grpThreads},
    {"na", &JtlSample::allThreads},
    {"lt", &JtlSample::latency},
    {"it", &JtlSample::idleTime},
}};

std::string textOf(QStringView text)
{
    std::string result = text.toUtf8().toStdString();
    if (result.size() > kMaxText)
        result.resize(utf8Prefix(result, kMaxText).size());
    return result;
}

class XmlSamples
{
public:
    XmlSamples(JtlRows &rows, ImportReport &report)
        : m_rows(rows)
        , m_report(report)
    {}
    /// Takes what is at hand; returns when the parser wants more bytes, is at the end or broken.
    void take(QXmlStreamReader &xml);
    bool sawResults() const { return m_sawResults; }
    /// The end tag of the results was read.
    bool isClosed() const { return m_sawResults && m_isSample.empty(); }

private:
    struct Open
    {
        std::array<std::string, kAttributes.size()> values;
        std::string url, failure, connect, hostname, key, parent, trace;
        std::uint64_t offset = 0;
        bool hasChildren = false;
    };
    void start(QXmlStreamReader &xml);
    void end(QStringView name);
    void emitSample(const Open &open);

    JtlRows &m_rows;
    ImportReport &m_report;
    std::vector<Open> m_open;
    std::vector<bool> m_isSample; ///< of each open element
    std::string m_text;
    bool m_sawResults = false, m_inAssertion = false, m_assertionFailed = false;
    std::string m_assertionMessage;
    std::int64_t m_samples = 0;
};

void XmlSamples::take(QXmlStreamReader &xml)
{
    for (;;) {
        switch (xml.readNext()) {
        case QXmlStreamReader::StartElement:
            start(xml);
            break;
        case QXmlStreamReader::EndElement:
            end(xml.name());
            break;
        case QXmlStreamReader::Characters:
            // Answers' bodies may be of any size.
            if (m_text.size() < kMaxText)
                m_text += textOf(xml.text());
            break;
        case QXmlStreamReader::Invalid:
        case QXmlStreamReader::EndDocument:
            return;
        default:
            break;
        }
    }
}

void XmlSamples::start(QXmlStreamReader &xml)
{
    m_text.clear();
    const QStringView name = xml.name();
    m_sawResults |= name == QLatin1String("testResults");
    const bool named = name == QLatin1String("sample") || name == QLatin1String("httpSample");
    const bool isSample = named && m_open.size() < kMaxDepth;
    if (named && !isSample)
        m_report.skip("too-deep", static_cast<std::uint64_t>(xml.characterOffset()), 0,
            "the sample lies inside more than 64 others", {});
    m_isSample.push_back(isSample);
    if (name == QLatin1String("assertionResult")) {
        m_inAssertion = true;
        m_assertionFailed = false;
        m_assertionMessage.clear();
    }
    if (!isSample)
        return;
    Open open;
    open.offset = static_cast<std::uint64_t>(xml.characterOffset());
    const QXmlStreamAttributes attributes = xml.attributes();
    for (std::size_t i = 0; i < kAttributes.size(); ++i)
        open.values[i] = textOf(attributes.value(QLatin1String(kAttributes[i].first)));
    open.connect = textOf(attributes.value(QLatin1String("ct")));
    open.hostname = textOf(attributes.value(QLatin1String("hn")));
    open.key = std::to_string(++m_samples);
    if (!m_open.empty()) {
        Open &parent = m_open.back();
        parent.hasChildren = true;
        open.parent = parent.key;
        // What stands alone needs no trace. Two files of like samples must not share their traces.
        if (parent.trace.empty())
            parent.trace = "jmeter " + parent.values[0] + ' ' + parent.values[5] + ' ' + parent.key;
        open.trace = parent.trace;
    }
    m_open.push_back(std::move(open));
}

void XmlSamples::end(QStringView name)
{
    const bool isSample = !m_isSample.empty() && m_isSample.back();
    if (!m_isSample.empty())
        m_isSample.pop_back();
    if (isSample && !m_open.empty()) {
        emitSample(m_open.back());
        m_open.pop_back();
    } else if (name == QLatin1String("java.net.URL") && !m_open.empty()) {
        m_open.back().url = trimmed(m_text);
    } else if (name == QLatin1String("failureMessage") && m_inAssertion) {
        m_assertionMessage = trimmed(m_text);
    } else if ((name == QLatin1String("failure") || name == QLatin1String("error")) && m_inAssertion) {
        m_assertionFailed |= trimmed(m_text) == "true";
    } else if (name == QLatin1String("assertionResult")) {
        m_inAssertion = false;
        if (m_assertionFailed && !m_open.empty() && m_open.back().failure.empty())
            m_open.back().failure = m_assertionMessage;
    }
    m_text.clear();
}

void XmlSamples::emitSample(const Open &open)
{
    JtlSample sample;
    for (std::size_t i = 0; i < kAttributes.size(); ++i)
        sample.*kAttributes[i].second = open.values[i];
    sample.url = open.url;
    sample.failureMessage = open.failure;
    sample.connect = open.connect;
    sample.hostname = open.hostname;
    sample.offset = open.offset;
    SpanKey key, parent;
    if (!open.trace.empty()) {
        key.kind = SpanKey::Kind::Text;
        key.text = open.key;
    }
    if (!open.parent.empty()) {
        parent.kind = SpanKey::Kind::Text;
        parent.text = open.parent;
    }
    const std::string_view problem
        = m_rows.sample(sample, open.hasChildren, key, parent, m_rows.traceOf(open.trace));
    if (problem.empty())
        m_report.rowRead();
    else
        m_report.skip("bad-sample", open.offset, 0, problem,
            open.values[2] + " ts=" + open.values[0] + " t=" + open.values[1]);
}

} // namespace

Result<void> JtlXmlReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    JtlRows rows(sink, report, m_options);
    TS_TRY(rows.check(source.name()));
    sink.setSource({SourceKind::LoadTest, ClockKind::Utc, rows.askedTimezone()});
    QXmlStreamReader xml;
    XmlSamples samples(rows, report);
    for (;;) {
        const Result<std::string_view> chunk = source.next();
        if (!chunk)
            return tl::unexpected(chunk.error());
        if (chunk->empty())
            break;
        xml.addData(QByteArray(chunk->data(), static_cast<qsizetype>(chunk->size())));
        samples.take(xml);
        if (xml.hasError() && xml.error() != QXmlStreamReader::PrematureEndOfDocumentError)
            break;
    }
    const auto place = static_cast<std::uint64_t>(std::max<qint64>(0, xml.characterOffset()));
    // Whether the parser sees the end of the bytes depends on how they came; the end tag does not.
    const bool whole = samples.isClosed()
        && (!xml.hasError() || xml.error() == QXmlStreamReader::PrematureEndOfDocumentError);
    if (!samples.sawResults() || (!whole && report.rowsRead() == 0 && report.rowsSkipped() == 0))
        return fail(Error{ErrorCode::BadInput, source.name(), "it is no whole testResults document",
            Location{place, std::nullopt, std::nullopt},
            "JMeter writes it with jmeter.save.saveservice.output_format=xml"});
    // JMeter that was killed leaves the end tag out: what was read is right.
    if (!whole)
        report.note(IssueSeverity::DataLoss, "truncated", place,
            "the document ends early or is broken: " + xml.errorString().toStdString());
    rows.finish();
    sink.setSource({SourceKind::LoadTest, ClockKind::Utc, rows.timezone()});
    return {};
}

} // namespace tailscope::import::jtl
