// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope record: attach to servers and write what they say into a workspace, until told to end.
#include "app/arguments.h"
#include "app/command.h"
#include "app/commands/progressline.h"
#include "app/importarguments.h"
#include "base/text.h"
#include "live/attachment.h"
#include "session/ingest.h"

#include <QElapsedTimer>
#include <QTextStream>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

namespace tailscope::app {

namespace {

using State = live::ServerStatus::State;

constexpr qint64 kShortestInterval = 100, kLongestInterval = 3'600'000; ///< ms
constexpr int kLineEveryMs = 1000;

QString opt(const char *name) { return QString::fromLatin1(name); }
QString text(std::string_view view) { return QString::fromUtf8(view.data(), qsizetype(view.size())); }

struct Options
{
    std::vector<live::Target> targets;
    live::AttachOptions attach;
    std::optional<qint64> forMs;
    bool runRules = true;
};

std::optional<qint64> millisOf(const QString &value)
{
    const std::optional<Nanos> nanos = parseDuration(value);
    return nanos && *nanos > 0 ? std::optional<qint64>(*nanos / kNanosPerMilli) : std::nullopt;
}

/// One --probe ID=INTERVAL|off; false after a message.
bool readProbe(const Arguments &options, const QString &value, live::SamplerOptions &sampling)
{
    const qsizetype equals = value.indexOf(QLatin1Char('='));
    const std::string id = value.left(equals).toStdString();
    const QString interval = equals < 0 ? QString() : value.mid(equals + 1);
    if (!live::probeById(id)) {
        options.usageError(opt("--probe '%1' is unknown; 'tailscope probes' lists them").arg(value));
        return false;
    }
    const std::optional<qint64> ms = interval == opt("off") ? std::optional<qint64>(0) : millisOf(interval);
    if (!ms || (*ms != 0 && (*ms < kShortestInterval || *ms > kLongestInterval))) {
        options.usageError(opt("--probe '%1': write ID=off or ID=INTERVAL, from 100ms to 1h").arg(value));
        return false;
    }
    sampling.intervals[id] = std::chrono::milliseconds(*ms);
    return true;
}

/// Targets and durations of the command line; the exit code of a mistake.
std::optional<int> readOptions(const Arguments &options, const QStringList &pools, const QStringList &probes,
    Options &wanted)
{
    const auto add = [&](const QString &conninfo, live::TargetKind kind) -> std::optional<int> {
        auto target = live::parseTarget(conninfo.toStdString(), kind);
        if (!target)
            return options.failure(target.error());
        if (!target->password.empty())
            QTextStream(stderr)
                << "tailscope record: a password on the command line can be read by others on "
                   "this machine; use PGPASSWORD or ~/.pgpass.\n";
        wanted.targets.push_back(std::move(*target));
        return std::nullopt;
    };
    for (const QString &conninfo : options.positional()) {
        if (const auto code = add(conninfo, live::TargetKind::Postgres))
            return code;
    }
    for (const QString &conninfo : pools) {
        if (const auto code = add(conninfo, live::TargetKind::Pgbouncer))
            return code;
    }
    for (const QString &probe : probes) {
        if (!readProbe(options, probe, wanted.attach.sampling))
            return 2;
    }
    if (options.has(opt("interval"))) {
        const auto ms = millisOf(options.value(opt("interval")));
        if (!ms || *ms < kShortestInterval || *ms > kLongestInterval)
            return options.usageError(
                opt("--interval '%1' is none: use 100ms to 1h").arg(options.value(opt("interval"))));
        wanted.attach.sampling.interval = std::chrono::milliseconds(*ms);
    }
    if (options.has(opt("for"))) {
        wanted.forMs = millisOf(options.value(opt("for")));
        if (!wanted.forMs)
            return options.usageError(
                opt("--for '%1' is no duration: use for example 60s or 8h").arg(options.value(opt("for"))));
    }
    if (options.has(opt("keep-raw"))) {
        const auto ms = millisOf(options.value(opt("keep-raw")));
        const bool all = options.value(opt("keep-raw")) == opt("all");
        if (!all && (!ms || *ms < 120'000))
            return options.usageError(
                opt("--keep-raw '%1' is none: use 2m or longer, or all").arg(options.value(opt("keep-raw"))));
        wanted.attach.keepRaw = all ? std::chrono::seconds(0) : std::chrono::seconds(*ms / 1000);
    }
    wanted.runRules = !options.has(opt("no-advice"));
    return std::nullopt;
}

/// SIGINT, SIGTERM and SIGHUP as something that can be waited for, in every thread that begins later.
class Ending
{
public:
    Ending()
    {
        sigset_t set;
        ::sigemptyset(&set);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP})
            ::sigaddset(&set, signal);
        ::pthread_sigmask(SIG_BLOCK, &set, &m_before);
        m_fd = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    }
    ~Ending()
    {
        if (m_fd >= 0)
            ::close(m_fd);
        // A second signal while the end runs ends it at once.
        ::pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
    }
    Ending(const Ending &) = delete;
    Ending &operator=(const Ending &) = delete;
    int fd() const { return m_fd; }
    /// True when one came within the time.
    bool wait(int ms) const
    {
        pollfd one{m_fd, POLLIN, 0};
        if (::poll(&one, 1, ms) <= 0)
            return false;
        // Taken: else it would still be there when signals are let through again.
        signalfd_siginfo taken{};
        [[maybe_unused]] const ssize_t got = ::read(m_fd, &taken, sizeof taken);
        return true;
    }

private:
    int m_fd = -1;
    sigset_t m_before{};
};

/// Asks on the terminal, without showing what is typed; empty where there is none, and when a signal comes.
std::string askPassword(const QString &server, const Ending &ending)
{
    if (::isatty(STDIN_FILENO) == 0)
        return {};
    QTextStream(stderr) << "Password for " << server << ": " << Qt::flush;
    termios before{};
    if (::tcgetattr(STDIN_FILENO, &before) != 0)
        return {};
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &silent);
    std::string password;
    char c = 0;
    for (;;) {
        // The signals are blocked: a read alone would not end by them.
        pollfd both[]{{STDIN_FILENO, POLLIN, 0}, {ending.fd(), POLLIN, 0}};
        const int ready = ::poll(both, 2, -1);
        if (ready < 0 && errno == EINTR)
            continue; // stopped and went on: nothing was typed
        if (ready > 0 && both[1].revents != 0) {
            password.clear();
            break;
        }
        if (::read(STDIN_FILENO, &c, 1) != 1 || c == '\n')
            break;
        password += c;
    }
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
    QTextStream(stderr) << "\n";
    return password;
}

QString stateText(const live::ServerStatus &server)
{
    switch (server.state) {
    case State::Connecting:
        return opt("connecting");
    case State::NeedsPassword:
        return opt("needs a password");
    case State::Sampling:
        return opt("sampling");
    case State::Lost:
        return opt("lost");
    case State::Refused:
        return opt("refused");
    case State::Stopped:
        return opt("stopped");
    }
    return {};
}

/// "00:12  3,410 rows, 2.1 MB/h  primary sampling 0.4 %  own CPU 0.3 %"
QString progressOf(const live::Attachment &attachment, qint64 elapsedMs)
{
    const live::RecordingStatus recording = attachment.recording();
    QString line = QStringLiteral("%1  %2 rows")
                       .arg(text(humanMillis(double(elapsedMs))), text(groupedCount(recording.rows)));
    if (recording.unchangedRows > 0)
        line += QStringLiteral(" (%1 unchanged)").arg(text(groupedCount(recording.unchangedRows)));
    if (recording.bytesPerHour > 0)
        line += QStringLiteral(", %1/h").arg(text(humanBytes(std::uint64_t(recording.bytesPerHour))));
    if (recording.gaps > 0)
        line += QStringLiteral(", %1 gaps").arg(recording.gaps);
    double cpu = 0;
    for (const live::ServerStatus &server : attachment.servers()) {
        line += QStringLiteral("; %1 %2").arg(text(server.label), stateText(server));
        if (server.state == State::Sampling)
            line += QStringLiteral(" %1 %").arg(server.ownShare * 100, 0, 'f', 1);
        cpu = server.clientCpuShare;
    }
    line += QStringLiteral("; own CPU %1 %").arg(cpu * 100, 0, 'f', 1);
    if (recording.error)
        line += opt("; ") + text(recording.error->detail);
    return line;
}

/// Whom to tell what of, and once only.
class Watcher
{
public:
    void look(live::Attachment &attachment, qint64 elapsedMs, const Ending &ending)
    {
        gavePassword = false;
        const std::vector<live::ServerStatus> servers = attachment.servers();
        m_told.resize(servers.size(), State::Connecting);
        m_asked.resize(servers.size(), false);
        for (std::size_t i = 0; i < servers.size(); ++i) {
            const live::ServerStatus &server = servers[i];
            everSampled = everSampled || server.state == State::Sampling;
            if (server.state == std::exchange(m_told[i], server.state))
                continue;
            endLine();
            QTextStream(stderr) << "tailscope record: " << text(server.label) << ": " << stateText(server)
                                << (server.detail.empty() ? QString() : opt(", ") + text(server.detail))
                                << "\n";
            if (server.state != State::NeedsPassword || m_asked[i])
                continue;
            m_asked[i] = true;
            if (std::string password = askPassword(text(server.label), ending); !password.empty()) {
                attachment.sampler().setPassword(i, std::move(password));
                gavePassword = true;
            }
        }
        if (::isatty(STDERR_FILENO) != 0) {
            QTextStream(stderr) << "\r\033[K" << progressOf(attachment, elapsedMs) << Qt::flush;
            m_isOpen = true;
        }
    }
    /// No server of them will ever be connected without somebody's doing.
    static bool isHopeless(const std::vector<live::ServerStatus> &servers)
    {
        return std::all_of(servers.begin(), servers.end(), [](const live::ServerStatus &server) {
            return server.state == State::NeedsPassword || server.state == State::Refused;
        });
    }
    void endLine()
    {
        if (std::exchange(m_isOpen, false))
            QTextStream(stderr) << "\r\033[K";
    }
    bool everSampled = false;
    bool gavePassword = false; ///< at the last look: what comes of it is not told yet

private:
    std::vector<State> m_told;
    std::vector<bool> m_asked;
    bool m_isOpen = false;
};

/// What came of it; the exit code.
int printOutcome(const Arguments &options, const live::RecordingStatus &recording,
    const std::vector<live::ServerStatus> &servers)
{
    QTextStream out(stdout);
    out << "recording " << recording.sourceId << ": " << text(groupedCount(recording.rows)) << " rows, "
        << text(groupedCount(recording.unchangedRows)) << " unchanged left out, " << recording.gaps
        << " gaps";
    if (recording.startNs != 0)
        out << ", " << text(utcTimestamp(recording.startNs)) << " to "
            << text(utcTimestamp(recording.lastNs));
    out << "\n";
    int never = 0;
    for (const live::ServerStatus &server : servers) {
        out << "  " << text(server.label) << ": ";
        if (!server.facts) {
            ++never;
            out << "never connected\n";
            continue;
        }
        std::size_t runs = 0, failures = 0;
        double ms = 0;
        for (const live::ProbeStatus &probe : server.probes) {
            runs += probe.runs;
            failures += probe.failures;
            ms += probe.meanMs * double(probe.runs);
        }
        out << text(server.facts->versionText) << ", " << runs << " answers, " << failures << " refused, "
            << text(humanMillis(runs == 0 ? 0 : ms / double(runs))) << " each\n";
    }
    out.flush();
    if (never == int(servers.size()))
        return options.failure({ErrorCode::Connection, "record", "no server could be connected", std::nullopt,
            "Read what was said of each above."});
    return 0;
}

} // namespace

int runRecord(const QStringList &arguments)
{
    Arguments options(opt("record"),
        {{opt("to"), {}, opt("W")}, {opt("pool"), {}, opt("CONNINFO")}, {opt("interval"), {}, opt("DUR")},
            {opt("for"), {}, opt("DUR")}, {opt("keep-raw"), {}, opt("DUR")},
            {opt("probe"), {}, opt("ID=INTERVAL")}, {opt("name"), {}, opt("NAME")}, {opt("no-advice"), {}}});
    if (!options.parse(arguments, 0, -1, commandByName(opt("record"))->synopsis))
        return 2;
    const QStringList pools = options.values(opt("pool"));
    if (options.positional().isEmpty() && pools.isEmpty())
        return options.usageError(
            opt("no server: name one by its conninfo, as \"host=db1 dbname=shop user=monitor\""));
    if (!options.has(opt("to")))
        return options.usageError(opt("--to W.tailscope is missing: the workspace to record into"));
    Options wanted;
    if (const auto code = readOptions(options, pools, options.values(opt("probe")), wanted))
        return *code;
    wanted.attach.name = options.value(opt("name")).toStdString();
    auto opened = store::Workspace::open(options.value(opt("to")).toStdString());
    if (!opened)
        return options.failure(opened.error());
    const std::shared_ptr<store::Workspace> workspace = std::move(*opened);
    live::RecordingStatus recording;
    std::vector<live::ServerStatus> servers;
    Result<void> stored;
    {
        const Ending ending; // before the threads: they inherit what it blocks
        auto attachment = live::Attachment::start(workspace, std::move(wanted.targets), wanted.attach);
        if (!attachment)
            return options.failure(attachment.error());
        QElapsedTimer clock;
        clock.start();
        Watcher watcher;
        for (bool ends = false; !ends;) {
            const qint64 left
                = wanted.forMs ? std::max<qint64>(*wanted.forMs - clock.elapsed(), 0) : kLineEveryMs;
            ends = ending.wait(int(std::min<qint64>(left, kLineEveryMs)));
            watcher.look(**attachment, clock.elapsed(), ending);
            servers = (*attachment)->servers();
            ends = ends || (wanted.forMs && clock.elapsed() >= *wanted.forMs)
                || (!watcher.everSampled && !watcher.gavePassword && Watcher::isHopeless(servers));
        }
        watcher.endLine();
        stored = (*attachment)->stop();
        recording = (*attachment)->recording();
    }
    int code = printOutcome(options, recording, servers);
    if (!stored)
        return std::max(code, options.failure(stored.error()));
    if (const auto refreshed
        = session::refresh(*workspace, {recording.sourceId}, wanted.runRules, terminalProgress());
        !refreshed)
        code = std::max(code, options.failure(refreshed.error()));
    endTerminalProgress();
    return code;
}

} // namespace tailscope::app
