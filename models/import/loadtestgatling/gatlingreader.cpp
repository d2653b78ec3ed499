// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestgatling/gatlingreader.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/loadtest/loadnumbers.h"
#include "import/loadtest/loadrequests.h"

#include <algorithm>
#include <string>

namespace tailscope::import::gatling {

using namespace loadtest;

namespace {

constexpr std::size_t kMaxLine = 1024 * 1024;

/// Milliseconds since 1970 as Gatling writes them: 13 digits.
std::optional<Nanos> moment(std::string_view text)
{
    text = trimmed(text);
    if (text.size() != 13)
        return std::nullopt;
    return parseScaledDecimal(text, kNanosPerMilli);
}

bool isOutcome(std::string_view text) { return text == "OK" || text == "KO"; }

/// "status.find.is(200), but actually found 503": what was found.
std::uint16_t statusOf(std::string_view message)
{
    constexpr std::string_view kFound = "found ";
    const std::size_t at = message.rfind(kFound);
    if (!message.starts_with("status.") || at == std::string_view::npos)
        return 0;
    const auto status = parseInt64(message.substr(at + kFound.size(), 3));
    return status && *status >= 100 ? static_cast<std::uint16_t>(*status) : 0;
}

class Simulation
{
public:
    Simulation(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
        , m_requests(sink, m_run)
        , m_series(sink, "gatling")
        , m_users(m_series, m_run)
    {}
    void take(const Line &line);
    void finish();

private:
    using Fields = std::vector<std::string_view>;
    std::string_view takeRun(const Fields &fields);
    std::string_view takeUser(const Fields &fields);
    std::string_view takeRequest(const Fields &fields);
    std::string_view takeGroup(const Fields &fields);
    std::string_view takeError(const Fields &fields);

    RowSink &m_sink;
    ImportReport &m_report;
    LoadRun m_run{"gatling", Level::Requests};
    LoadRequests m_requests;
    LoadSeries m_series;
    UserCount m_users;
    double m_active = 0;
};

/// RUN, class, id, start, description, version
std::string_view Simulation::takeRun(const Fields &fields)
{
    if (fields.size() < 4)
        return "the record has less than four fields";
    m_run.name = fields[1];
    for (std::size_t i = 2; i < fields.size(); ++i) {
        if (const std::optional<Nanos> start = moment(fields[i])) {
            m_run.touch(*start);
            if (i + 2 < fields.size())
                m_run.version = trimmed(fields.back());
            return {};
        }
    }
    return "the record has no start";
}

std::string_view Simulation::takeUser(const Fields &fields)
{
    for (std::size_t i = 2; i + 1 < fields.size(); ++i) {
        const bool starts = fields[i] == "START";
        if (!starts && fields[i] != "END")
            continue;
        // Older versions write start and end in both records.
        const std::optional<Nanos> ns = moment(starts ? fields[i + 1] : fields.back());
        if (!ns)
            break;
        m_active = std::max(0.0, m_active + (starts ? 1 : -1));
        m_run.touch(*ns);
        m_users.at(*ns, m_active);
        return {};
    }
    return "the record has neither START nor END with its time";
}

/// REQUEST, (user), groups, name, start, end, OK or KO, message
std::string_view Simulation::takeRequest(const Fields &fields)
{
    for (std::size_t i = 4; i < fields.size(); ++i) {
        if (!isOutcome(fields[i]))
            continue;
        const auto start = moment(fields[i - 2]), end = moment(fields[i - 1]);
        if (!start || !end)
            continue;
        LoadRequest request;
        request.operation = fields[i - 3];
        request.startNs = *start;
        request.durationNs = saturatingSub(*end, *start);
        request.failed = fields[i] == "KO";
        if (i + 1 < fields.size())
            request.message = trimmed(fields[i + 1]);
        Attribute group;
        group.key = "loadtest.group";
        group.type = AttributeType::Text;
        group.text = i >= 5 ? trimmed(fields[i - 4]) : std::string_view();
        if (!group.text.empty())
            request.attributes = std::span(&group, 1);
        if (request.failed) {
            request.httpStatus = statusOf(request.message);
            m_run.failure(request.operation, request.message);
        }
        m_requests.add(request);
        return {};
    }
    return "the record has no name with start, end and OK or KO";
}

/// GROUP, (user), groups, start, end, cumulated response time, OK or KO
std::string_view Simulation::takeGroup(const Fields &fields)
{
    for (std::size_t i = 5; i < fields.size(); ++i) {
        if (!isOutcome(fields[i]))
            continue;
        const auto start = moment(fields[i - 3]), end = moment(fields[i - 2]);
        if (!start || !end)
            continue;
        LoadRequest request;
        request.operation = fields[i - 4];
        request.startNs = *start;
        request.durationNs = saturatingSub(*end, *start);
        request.failed = fields[i] == "KO";
        request.isSum = true;
        m_requests.add(request);
        return {};
    }
    return "the record has no name with start, end, time and OK or KO";
}

std::string_view Simulation::takeError(const Fields &fields)
{
    if (fields.size() < 3 || !moment(fields.back()))
        return "the record has no message and time";
    m_run.failure({}, fields[1]);
    return {};
}

void Simulation::take(const Line &line)
{
    if (trimmed(line.text).empty())
        return;
    const Fields fields = split(line.text, '\t');
    const std::string_view kind = fields.front();
    std::string_view problem;
    if (line.tooLong)
        problem = "the line is longer than 1 MiB";
    else if (kind == "REQUEST")
        problem = takeRequest(fields);
    else if (kind == "USER")
        problem = takeUser(fields);
    else if (kind == "GROUP")
        problem = takeGroup(fields);
    else if (kind == "RUN")
        problem = takeRun(fields);
    else if (kind == "ERROR")
        problem = takeError(fields);
    else if (kind == "ASSERTION")
        return m_report.note(IssueSeverity::Info, "assertions", line.offset,
            "assertions are kept in a form of Gatling's own and are not read");
    else
        problem = "the record is of no known kind";
    if (problem.empty())
        m_report.rowRead();
    else
        m_report.skip("bad-record", line.offset, line.length, problem, line.text);
}

void Simulation::finish()
{
    m_users.finish();
    m_requests.finish();
    m_run.write(m_sink, m_report);
}

} // namespace

Result<void> GatlingReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    sink.setSource({SourceKind::LoadTest, ClockKind::Utc, "UTC"});
    Simulation simulation(sink, report);
    LineReader lines(source, kMaxLine);
    Line line;
    while (lines.next(line))
        simulation.take(line);
    TS_TRY(lines.result());
    if (report.rowsRead() == 0)
        return fail(ErrorCode::BadInput, source.name(), "it has no record of a simulation",
            "Gatling up to 3.11 writes simulation.log as text, later versions as a binary file");
    simulation.finish();
    return {};
}

} // namespace tailscope::import::gatling
