// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/cohortstore.h"

#include "analysis/cohortrequests.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>

namespace tailscope::analysis {

namespace {

constexpr std::size_t kOperations = 5, kLeastRequests = 1'000, kRowsEach = 20, kMaxMarkers = 64;
constexpr std::size_t kForP99 = 5'000; // 50 slow ones
constexpr std::size_t kMaxSpansRead = 300'000;

/// What was asked of one operation, and the answer.
struct Answer
{
    std::string service, operation;
    Quantile percentile;
    Nanos limit = kUnknownNanos;
    std::shared_ptr<const CohortReport> report;
    std::vector<std::vector<std::int64_t>> traces; ///< of the examples of each difference
};

struct RootOperation
{
    double total = 0;
    std::vector<std::uint32_t> rows;
};

/// Root operations with enough requests, most total time first.
std::vector<RootOperation> rootOperations(const SpanColumns &columns, const CancelToken &cancel)
{
    CohortOperations numbers(columns);
    std::vector<RootOperation> operations;
    for (const std::uint32_t row : requestRows(columns, {}, false, cancel)) {
        if (columns.duration[row] == kUnknownNanos || columns.trace[row] == kNoRow)
            continue;
        const std::uint32_t number = numbers.of(row);
        if (number >= operations.size())
            operations.resize(number + 1);
        operations[number].total += double(columns.duration[row]);
        operations[number].rows.push_back(row);
    }
    std::erase_if(operations,
        [](const RootOperation &operation) { return operation.rows.size() < kLeastRequests; });
    std::stable_sort(operations.begin(), operations.end(),
        [](const RootOperation &a, const RootOperation &b) { return a.total > b.total; });
    if (operations.size() > kOperations)
        operations.resize(kOperations);
    return operations;
}

Result<std::shared_ptr<const AttributeColumns>> attributesFor(const TraceInput &input,
    const std::vector<RootOperation> &operations)
{
    if (input.columns.size() <= kMaxSpansRead)
        return AttributeColumns::build(input.workspace, input.columns, input.progress);
    SpanBitmap wanted(input.columns.size());
    for (const RootOperation &operation : operations) {
        for (const std::uint32_t row : operation.rows)
            wanted.set(row);
    }
    return AttributeColumns::build(input.workspace, input.columns, input.progress, &wanted);
}

Result<Answer> ask(const TraceInput &input, const RootOperation &operation,
    const AttributeColumns &attributes, const std::vector<CohortMarker> &markers)
{
    const SpanColumns &columns = input.columns;
    const std::uint32_t first = operation.rows.front();
    Answer answer;
    answer.service = columns.tracks[columns.track[first]].service;
    answer.operation = columns.operations[columns.operation[first]];
    CohortQuestion question;
    question.percentile = operation.rows.size() >= kForP99 ? kP99 : kP95;
    answer.percentile = question.percentile;
    const CohortSets sets = chooseCohorts(columns, operation.rows, question);
    answer.limit = sets.slowFrom;
    auto report = compareCohorts(columns, &attributes, sets, markers, input.progress, kRowsEach);
    if (!report)
        return tl::unexpected(std::move(report.error()));
    answer.report = std::move(*report);
    for (const CohortDifference &difference : answer.report->differences) {
        std::vector<std::int64_t> traces;
        for (const std::uint32_t row : difference.examples)
            traces.push_back(columns.traceIds[columns.trace[row]]);
        answer.traces.push_back(std::move(traces));
    }
    return answer;
}

std::string joined(const std::vector<std::string> &names)
{
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::string jsonArray(const std::vector<std::int64_t> &ids)
{
    std::string text = "[";
    for (const std::int64_t id : ids)
        text += (text.size() > 1 ? "," : "") + std::to_string(id);
    return text + ']';
}

Result<void> insert(store::Statement &statement, std::int64_t runId, const Answer &answer, std::size_t place)
{
    const CohortDifference &difference = answer.report->differences[place];
    const std::vector<std::int64_t> &traces = answer.traces[place];
    using Kind = CohortDifference::Kind;
    const bool isAttribute = difference.kind == Kind::Trait || difference.kind == Kind::Inside;
    const bool isMeasured = difference.kind >= Kind::SelfTime;
    const std::string requests
        = answer.service.empty() ? answer.operation : answer.service + ": " + answer.operation;
    const std::string subject = difference.subject(), same = joined(difference.sameAs),
                      examples = jsonArray(traces);
    int at = 0;
    statement.bind(at++, runId);
    statement.bindTextOrNull(at++, difference.scope);
    statement.bindTextOrNull(at++, difference.key);
    statement.bindTextOrNull(at++, difference.value);
    statement.bind(at++, difference.slowN);
    statement.bind(at++, difference.slowTotal);
    statement.bind(at++, difference.allN);
    statement.bind(at++, difference.allTotal);
    statement.bindOptional(at++, difference.lift);
    statement.bind(at++, difference.coverage);
    statement.bind(at++, difference.p);
    statement.bind(at++, difference.score);
    statement.bindOptional(at++, traces.empty() ? std::nullopt : std::optional(traces.front()));
    statement.bind(at++, difference.kindName());
    statement.bindTextOrNull(at++, isAttribute ? std::string_view() : std::string_view(subject));
    statement.bind(at++, isMeasured ? difference.slowValue : std::nan(""));
    statement.bind(at++, isMeasured ? difference.restValue : std::nan(""));
    statement.bind(at++, difference.adjustedP);
    statement.bind(at++, answer.report->tested);
    statement.bindTextOrNull(at++, same);
    statement.bind(at++, std::string_view(requests));
    statement.bindNanos(at++, answer.limit);
    statement.bind(at++, double(answer.percentile.num) / double(answer.percentile.den));
    statement.bind(at++, std::int64_t(place + 1));
    statement.bind(at++, std::string_view(examples));
    return statement.run();
}

} // namespace

Result<std::vector<CohortMarker>> causeMarkers(store::Database &database)
{
    auto statement = database.prepare("SELECT ts_ns, kind, coalesce(title, service, '') FROM event WHERE "
                                      "kind IN ('deploy', 'config', 'flag', "
                                      "'scale', 'failover', 'human', 'chaos', 'secret_rotation', "
                                      "'experiment') AND ts_ns IS NOT NULL ORDER BY "
                                      "ts_ns, id");
    if (!statement)
        return tl::unexpected(std::move(statement.error()));
    std::vector<CohortMarker> markers;
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return markers;
        if (markers.size() == kMaxMarkers)
            return std::vector<CohortMarker>();
        const Nanos at = statement->integer(0);
        // "2026-03-02 12:00:00Z" -> "12:00:00": the date is the same for nearly all of them.
        const std::string time = utcTimestamp(at - at % kNanosPerSecond);
        markers.push_back({at,
            std::string(statement->text(1)) + ' ' + (time.size() >= 19 ? time.substr(11, 8) : time) + ' '
                + std::string(statement->text(2))});
    }
}

Result<WriteRows> computeCohortDifferences(const TraceInput &input)
{
    auto answers = std::make_shared<std::vector<Answer>>();
    const std::vector<RootOperation> operations = rootOperations(input.columns, input.progress.cancel);
    if (!operations.empty()) {
        auto reader = input.workspace.connectReader();
        if (!reader)
            return tl::unexpected(std::move(reader.error()));
        const auto markers = causeMarkers(*reader);
        if (!markers)
            return tl::unexpected(markers.error());
        const auto attributes = attributesFor(input, operations);
        if (!attributes)
            return tl::unexpected(attributes.error());
        for (const RootOperation &operation : operations) {
            Result<Answer> answer = ask(input, operation, **attributes, *markers);
            if (!answer)
                return tl::unexpected(std::move(answer.error()));
            answers->push_back(std::move(*answer));
        }
    }
    return WriteRows([answers](store::Database &writer, std::int64_t runId) -> Result<void> {
        TS_TRY(writer.execute("DELETE FROM cohort_difference"));
        auto statement = writer.prepare("INSERT INTO cohort_difference (run_id, scope, key, value, slow_n, "
                                        "slow_total, all_n, all_total, lift, "
                                        "coverage, p_value, score, example_trace_id, kind, operation, "
                                        "slow_value, base_value, adjusted_p, "
                                        "tested, same_as, requests, slow_from_ns, percentile, position, "
                                        "example_trace_ids) VALUES (?, ?, ?, ?, "
                                        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        if (!statement)
            return tl::unexpected(std::move(statement.error()));
        for (const Answer &answer : *answers) {
            for (std::size_t i = 0; i < answer.report->differences.size(); ++i) {
                if (answer.report->differences[i].isDifferent)
                    TS_TRY(insert(*statement, runId, answer, i));
            }
        }
        return {};
    });
}

} // namespace tailscope::analysis
