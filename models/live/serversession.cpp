// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/serversession.h"

#include "base/text.h"
#include "live/serverwords.h"
#include "live/sessionsettings.h"

#include <algorithm>

namespace tailscope::live {

namespace {

constexpr std::chrono::seconds kGrace{2}; // a server may be this late with ending a statement
constexpr std::chrono::seconds kSetup{10}; // for our own settings where statements have no limit
constexpr int kRoundsPerStep = 32; // of up to 16 KB each: other servers wait meanwhile
constexpr int kMaxLastResults = 100; // of a connection that ended

std::string text(const char *value) { return value ? value : ""; }

bool isOn(const Result<ResultSet> &answer)
{
    return answer && answer->rows() == 1 && answer->cell(0, std::size_t(0)) == "on";
}

} // namespace

void ServerSession::takeNotice(void *self, const char *message)
{
    static_cast<ServerSession *>(self)->notice = oneLine(message);
}

void ServerSession::lose(Failure kind, std::string detail, std::string hint)
{
    connection.reset();
    dialer.reset();
    state = State::Broken;
    failure = kind;
    error = Error{ErrorCode::Connection, subject, std::move(detail), std::nullopt, std::move(hint)};
    if (phase == Phase::User || phase == Phase::UserBegin || phase == Phase::UserEnd) {
        duration = Clock::now() - userSent;
        sqlState.clear();
        answer = tl::unexpected(*error);
    }
    phase = Phase::Idle;
    under.reset();
}

void ServerSession::lose(std::string detail)
{
    // The last words of a server that stops come as a notice when nothing was asked.
    if (!notice.empty() && detail.find(notice) == std::string::npos)
        detail = notice + "; " + detail;
    lose(Failure::Lost, std::move(detail),
        "The server stopped, somebody ended the session, or the network is cut");
}

void ServerSession::dialed()
{
    if (dialer->state() == Dialer::State::Failed) {
        const Error reason = dialer->error();
        lose(dialer->failure(), reason.detail, reason.hint);
        return;
    }
    connection = dialer->take();
    hasOptions = dialer->sentOptions();
    dialer.reset();
    PGconn *made = connection.get();
    PQsetNoticeProcessor(made, &ServerSession::takeNotice, this);
    PQsetErrorVerbosity(made, PQERRORS_DEFAULT);
    if (PQsetnonblocking(made, 1) != 0) {
        lose(oneLine(PQerrorMessage(made)));
        return;
    }
    serverVersion = PQserverVersion(made);
    backendPid = PQbackendPID(made);
    isConsole = text(PQparameterStatus(made, "server_version")).ends_with("/bouncer");
    if (isConsole) {
        secured();
        return;
    }
    ask(Phase::Verify,
        "SELECT /* tailscope:facts */ pg_catalog.current_setting('transaction_read_only'), "
        "pg_catalog.pg_backend_pid()",
        {}, true);
}

void ServerSession::secured()
{
    phase = Phase::Idle;
    state = State::Ready;
}

bool ServerSession::ask(Phase next, const std::string &sql, const std::vector<std::string> &parameters,
    bool isSimple)
{
    phase = next;
    under.reset();
    underState.clear();
    notice.clear();
    isTooLarge = false;
    sent = Clock::now();
    const bool isUsers = next == Phase::User;
    hasDeadline = !isUsers || options.statementTimeout.count() > 0;
    deadline = sent + (options.statementTimeout.count() > 0 ? options.statementTimeout + kGrace : kSetup);
    std::vector<const char *> values;
    for (const std::string &parameter : parameters)
        values.push_back(parameter.c_str());
    PGconn *to = connection.get();
    received.emplace(PQsocket(to));
    const int ok = isSimple ? PQsendQuery(to, sql.c_str())
                            : PQsendQueryParams(to, sql.c_str(), static_cast<int>(values.size()), nullptr,
                                values.data(), nullptr, nullptr, 0);
    if (ok == 0) {
        lose(oneLine(PQerrorMessage(to)));
        return false;
    }
    if (!received->isExact())
        PQsetSingleRowMode(to); // rows are counted as they come, since their bytes cannot be
    hasUnsent = PQflush(to) == 1;
    return true;
}

void ServerSession::pump()
{
    PGconn *from = connection.get();
    for (int round = 0; round < kRoundsPerStep; ++round) {
        if (hasUnsent) {
            const int left = PQflush(from);
            hasUnsent = left == 1;
            if (left < 0) {
                lose(oneLine(PQerrorMessage(from)));
                return;
            }
        }
        if (PQconsumeInput(from) == 0) {
            ended();
            return;
        }
        if (state == State::Ready) {
            PQisBusy(from); // takes notices and parameters out of the buffer; nothing was asked
            return;
        }
        if (!isTooLarge && received->count() > options.answerLimit)
            isTooLarge = true;
        while (!isTooLarge && PQisBusy(from) == 0) {
            PGresult *result = PQgetResult(from);
            if (!result) {
                completed();
                return;
            }
            takeResult(result);
            PQclear(result);
            if (state == State::Broken)
                return;
        }
        if (isTooLarge) {
            lose(Failure::TooLarge, "an answer has more than " + humanBytes(options.answerLimit),
                "Ask for less: fewer rows, or shorter texts");
            return;
        }
        // TLS may keep a rest of a record that no poll() tells of: two rounds always.
        if (round > 0 && !received->hasMore())
            return;
    }
}

void ServerSession::ended()
{
    const std::string words = oneLine(PQerrorMessage(connection.get()));
    // What the server said before the end is the cause of it.
    for (int i = 0; i < kMaxLastResults && state != State::Broken && PQisBusy(connection.get()) == 0; ++i) {
        PGresult *result = PQgetResult(connection.get());
        if (!result)
            break;
        takeResult(result);
        PQclear(result);
    }
    if (state != State::Broken)
        lose(under && !*under ? under->error().detail : words);
}

void ServerSession::takeRows(const PGresult *result)
{
    const int columns = PQnfields(result), rows = PQntuples(result);
    if (!under) {
        under.emplace(ResultSet());
        for (int column = 0; column < columns; ++column)
            (*under)->columns.push_back(sanitizedUtf8(PQfname(result, column)));
    }
    if (!*under || static_cast<int>((*under)->columns.size()) != columns)
        return;
    for (int row = 0; row < rows; ++row) {
        for (int column = 0; column < columns; ++column) {
            if (PQgetisnull(result, row, column) != 0) {
                (*under)->add(std::nullopt);
                continue;
            }
            const std::string_view value(PQgetvalue(result, row, column),
                static_cast<std::size_t>(PQgetlength(result, row, column)));
            // Texts of other databases come in their own encodings.
            if (isValidUtf8(value))
                (*under)->add(value);
            else
                (*under)->add(sanitizedUtf8(value));
        }
    }
    isTooLarge = isTooLarge || (*under)->bytes() > options.answerLimit;
}

void ServerSession::takeResult(PGresult *result)
{
    switch (PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
        if (!under || *under)
            takeRows(result);
        return;
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
        if (!under)
            under.emplace(ResultSet());
        return;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
        lose(Failure::Protocol, "the server wants to copy data, which was not asked for", "");
        return;
    default:
        break;
    }
    if (under && !*under)
        return; // the first error is the cause
    const auto field = [&](int code) { return text(PQresultErrorField(result, code)); };
    underState = field(PG_DIAG_SQLSTATE);
    std::string message = field(PG_DIAG_MESSAGE_PRIMARY);
    if (message.empty())
        message = text(PQresultErrorMessage(result));
    under = tl::unexpected(
        queryError(subject, message, field(PG_DIAG_MESSAGE_DETAIL), field(PG_DIAG_MESSAGE_HINT), underState));
    if (PQstatus(connection.get()) == CONNECTION_BAD)
        lose(oneLine(message));
}

void ServerSession::completed()
{
    if (PQstatus(connection.get()) == CONNECTION_BAD) {
        lose(under && !*under ? under->error().detail : oneLine(PQerrorMessage(connection.get())));
        return;
    }
    const Result<ResultSet> result = under ? std::move(*under) : Result<ResultSet>(ResultSet());
    under.reset();
    if (phase == Phase::UserBegin || phase == Phase::User || phase == Phase::UserEnd)
        userDone(result);
    else
        settled(result);
}

void ServerSession::settled(const Result<ResultSet> &result)
{
    switch (phase) {
    case Phase::Verify:
        verified(result);
        return;
    case Phase::SetOne:
        setNext(Phase::SetOne); // one that the server does not know is no loss: Recheck decides
        return;
    case Phase::Recheck:
        rechecked(result);
        return;
    case Phase::Tune:
        setNext(Phase::Tune);
        return;
    case Phase::PoolBegin:
        ask(Phase::PoolShow, "SHOW /* tailscope */ transaction_read_only", {}, true);
        return;
    case Phase::PoolShow:
        isPoolSafe = isOn(result);
        ask(Phase::PoolEnd, "ROLLBACK", {}, true);
        return;
    case Phase::PoolEnd:
        if (!isPoolSafe)
            lose(Failure::NotSafe, "no transaction that only reads can be begun through the pooler",
                "Connect to the server itself");
        else
            secured();
        return;
    default:
        secured();
    }
}

void ServerSession::verified(const Result<ResultSet> &result)
{
    if (!result && target.kind == TargetKind::Pgbouncer) {
        // Another pooler's console: it takes no SELECT.
        isConsole = true;
        secured();
        return;
    }
    const bool isSafe = isOn(result);
    const auto pid = result && result->rows() == 1 ? result->cell(0, std::size_t(1)) : std::nullopt;
    // What a pooler tells as its process is any number, a negative one too.
    isPooled = pid && parseInt64(*pid) != backendPid;
    if (!options.isReadOnly) {
        secured();
        return;
    }
    if (isPooled) {
        ask(Phase::PoolBegin, pooledBegin(options, serverVersion), {}, true);
        return;
    }
    // A standby, or a role that only reads, is safe without `options`: time limits and search_path it lacks.
    const bool isSet = isSafe && hasOptions;
    settings = isSet ? std::vector<std::string>() : sessionSettings(options);
    const auto more = settingsOfVersion(serverVersion);
    settings.insert(settings.end(), more.begin(), more.end());
    // No conversion is possible there; what is no UTF-8 would fail the query, so bytes are asked for.
    if (text(PQparameterStatus(connection.get(), "server_encoding")) == "SQL_ASCII")
        settings.emplace_back("SET /* tailscope */ client_encoding = 'SQL_ASCII'");
    std::reverse(settings.begin(), settings.end());
    setNext(isSet ? Phase::Tune : Phase::SetOne);
}

void ServerSession::setNext(Phase next)
{
    if (settings.empty()) {
        if (next == Phase::Tune)
            secured();
        else
            ask(Phase::Recheck, "SHOW /* tailscope */ transaction_read_only", {}, true);
        return;
    }
    const std::string sql = std::move(settings.back());
    settings.pop_back();
    ask(next, sql, {}, true);
}

void ServerSession::rechecked(const Result<ResultSet> &result)
{
    if (isOn(result))
        secured();
    else
        lose(Failure::NotSafe,
            "the session could not be made read-only"
                + (result ? std::string() : ": " + result.error().detail),
            "Nothing is asked of a server that might be written to; connect to another kind of server or "
            "role");
}

void ServerSession::startUser(bool isSimple)
{
    userSent = Clock::now();
    state = State::Busy;
    if (isPooled && options.isReadOnly)
        ask(Phase::UserBegin, pooledBegin(options, serverVersion), {}, true);
    else
        ask(Phase::User, userSql, userParameters, isSimple || isConsole);
}

void ServerSession::userDone(const Result<ResultSet> &result)
{
    const bool isInTransaction = PQtransactionStatus(connection.get()) != PQTRANS_IDLE;
    if (phase == Phase::UserBegin && result) {
        ask(Phase::User, userSql, userParameters, false);
        return;
    }
    if (phase != Phase::UserEnd) {
        sqlState = underState;
        answer = result;
    }
    if (isPooled && options.isReadOnly && isInTransaction && phase != Phase::UserEnd) {
        ask(Phase::UserEnd, result ? "COMMIT" : "ROLLBACK", {}, true);
        return;
    }
    deliver();
}

void ServerSession::deliver()
{
    duration = Clock::now() - userSent;
    phase = Phase::Idle;
    state = State::Ready;
}

} // namespace tailscope::live
