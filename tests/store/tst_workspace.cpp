// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "storetest.h"

#include "store/lockfile.h"
#include "store/schema.h"

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <QTemporaryDir>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace storetest;

namespace {

/// Opens the workspace in a child process, tells through a pipe, and waits to be ended.
class Owner
{
public:
    explicit Owner(const std::filesystem::path &path)
    {
        int ends[2];
        if (pipe(ends) != 0)
            return;
        m_child = fork();
        if (m_child == 0) {
            const auto workspace = Workspace::open(path);
            const char answer = workspace ? 'y' : 'n';
            if (write(ends[1], &answer, 1) != 1)
                _exit(1);
            for (;;)
                pause();
        }
        char answer = 0;
        m_open = read(ends[0], &answer, 1) == 1 && answer == 'y';
        close(ends[0]);
        close(ends[1]);
    }
    ~Owner() { end(); }
    bool isOpen() const { return m_open; }
    pid_t pid() const { return m_child; }
    void end()
    {
        if (m_child <= 0)
            return;
        kill(m_child, SIGKILL);
        waitpid(m_child, nullptr, 0);
        m_child = 0;
    }

private:
    pid_t m_child = 0;
    bool m_open = false;
};

} // namespace

class TestWorkspace : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void createAndReopen();
    void temporaryIsRemoved();
    void secondOwnerIsRefused();
    void deadOwnerLeavesATrace();
    void readOnly();
    void readOnlyInAFolderThatCannotBeWritten();
    void missing();
    void properties();
    void newerMinor();
    void newerMajor();
    void deadRecordingEnds();
    void quickCheckFindsDamage();
    void damagedAfterUncleanEnd();
    void truncatedFile();
    void otherDatabase();
    void emptyFileBecomesAWorkspace();
    void noLockFileRemains();

private:
    std::filesystem::path path(const char *name = "w.tailscope") const
    {
        return std::filesystem::path(m_folder->path().toStdString()) / name;
    }
    void makeWithSpans(int count) const;
    void sql(const std::string &text) const;
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestWorkspace::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestWorkspace::makeWithSpans(int count) const
{
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    auto sink = BulkWriter::create(**workspace, {"a", "test", {}}, {});
    TS_VERIFY_OK(sink);
    writeMixed(**sink, count);
    TS_VERIFY_OK((*sink)->finish({}));
}

void TestWorkspace::sql(const std::string &text) const
{
    auto database = Database::open(path(), Database::Mode::ReadWrite);
    TS_VERIFY_OK(database);
    TS_VERIFY_OK(database->execute(text));
}

void TestWorkspace::createAndReopen()
{
    makeWithSpans(50);
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    const OpenReport &report = (*workspace)->openReport();
    QVERIFY(!report.readOnly && !report.newerSchema && !report.uncleanEnd);
    QVERIFY(report.interrupted.empty());
    QVERIFY2(report.messages.empty(), report.messages.empty() ? "" : report.messages.front().c_str());
    QCOMPARE(rowsOf(**workspace, "SELECT count(*) FROM span"), std::string("50"));
    QCOMPARE((*workspace)->path(), path());
    QVERIFY(!(*workspace)->isTemporary());
}

void TestWorkspace::temporaryIsRemoved()
{
    std::filesystem::path folder;
    {
        const auto workspace = Workspace::temporary();
        TS_VERIFY_OK(workspace);
        QVERIFY((*workspace)->isTemporary());
        folder = (*workspace)->path().parent_path();
        QVERIFY(std::filesystem::exists(folder));
    }
    QVERIFY(!std::filesystem::exists(folder));
}

void TestWorkspace::secondOwnerIsRefused()
{
    makeWithSpans(5);
    {
        const Owner owner(path());
        QVERIFY(owner.isOpen());
        const auto second = Workspace::open(path());
        QVERIFY(!second);
        QCOMPARE(second.error().code, ErrorCode::Locked);
        QCOMPARE(exitCode(second.error().code), 5);
        QVERIFY2(second.error().detail.find(std::to_string(owner.pid())) != std::string::npos,
            second.error().detail.c_str());
        const auto reader = Workspace::open(path(), true);
        TS_VERIFY_OK(reader);
        QVERIFY((*reader)->isReadOnly());
        QCOMPARE(rowsOf(**reader, "SELECT count(*) FROM span"), std::string("5"));
        QVERIFY(!(*reader)->connectWriter());
    }
    // Within one process too.
    const auto first = Workspace::open(path());
    TS_VERIFY_OK(first);
    const auto again = Workspace::open(path());
    QVERIFY(!again);
    QCOMPARE(again.error().code, ErrorCode::Locked);
}

void TestWorkspace::deadOwnerLeavesATrace()
{
    makeWithSpans(5);
    {
        Owner owner(path());
        QVERIFY(owner.isOpen());
        owner.end();
    }
    {
        const auto workspace = Workspace::open(path());
        TS_VERIFY_OK(workspace);
        QVERIFY((*workspace)->openReport().uncleanEnd);
        QCOMPARE(rowsOf(**workspace, "SELECT count(*) FROM span"), std::string("5"));
    }
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    QVERIFY(!(*workspace)->openReport().uncleanEnd);
}

void TestWorkspace::readOnly()
{
    makeWithSpans(5);
    const auto workspace = Workspace::open(path(), true);
    TS_VERIFY_OK(workspace);
    QVERIFY((*workspace)->isReadOnly());
    QVERIFY(!std::filesystem::exists(path().string() + ".lock"));
    const auto property = (*workspace)->setProperty("a", "b");
    QVERIFY(!property);
    QCOMPARE(property.error().code, ErrorCode::Locked);
    auto reader = (*workspace)->connectReader();
    TS_VERIFY_OK(reader);
    QVERIFY(!reader->execute("DELETE FROM span_raw"));
    QVERIFY(!BulkWriter::create(**workspace, {"a", "test", {}}, {}));
}

void TestWorkspace::readOnlyInAFolderThatCannotBeWritten()
{
    makeWithSpans(5);
    if (geteuid() == 0) {
        // The superuser may write everywhere: do it as somebody else.
        const std::filesystem::path folder = path().parent_path();
        chmod(folder.c_str(), 0755);
        const pid_t child = fork();
        if (child == 0) {
            if (setuid(65534) != 0)
                _exit(9);
            const auto reader = Workspace::open(path(), true);
            const auto writer = Workspace::open(path());
            const bool good = reader && rowsOf(**reader, "SELECT count(*) FROM span") == "5" && !writer
                && writer.error().code == ErrorCode::NotReadable;
            _exit(good ? 0 : 1);
        }
        int status = 0;
        waitpid(child, &status, 0);
        QVERIFY(WIFEXITED(status));
        if (WEXITSTATUS(status) == 9)
            QSKIP("cannot become another user");
        QCOMPARE(WEXITSTATUS(status), 0);
        return;
    }
    chmod(path().parent_path().c_str(), 0555);
    const auto reader = Workspace::open(path(), true);
    const auto writer = Workspace::open(path());
    chmod(path().parent_path().c_str(), 0755);
    TS_VERIFY_OK(reader);
    QVERIFY(!writer);
}

void TestWorkspace::missing()
{
    const auto reader = Workspace::open(path("none.tailscope"), true);
    QVERIFY(!reader);
    QCOMPARE(reader.error().code, ErrorCode::NotFound);
    const auto nowhere = Workspace::open(path("no/such/folder.tailscope"));
    QVERIFY(!nowhere);
    QCOMPARE(nowhere.error().code, ErrorCode::NotReadable);
    QVERIFY(!Workspace::open(m_folder->path().toStdString()));
}

void TestWorkspace::properties()
{
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    QCOMPARE(*(*workspace)->property("layout"), std::optional<std::string>());
    TS_VERIFY_OK((*workspace)->setProperty("layout", "one"));
    TS_VERIFY_OK((*workspace)->setProperty("layout", "two"));
    QCOMPARE(*(*workspace)->property("layout"), std::optional<std::string>("two"));
    QCOMPARE(*(*workspace)->generation("span"), 0);
}

void TestWorkspace::newerMinor()
{
    makeWithSpans(5);
    sql("ALTER TABLE span_raw ADD COLUMN from_the_future; PRAGMA user_version = 1007");
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    QVERIFY((*workspace)->openReport().newerSchema && (*workspace)->isReadOnly());
    QVERIFY(!(*workspace)->openReport().messages.empty());
    QCOMPARE(rowsOf(**workspace, "SELECT count(*) FROM span"), std::string("5"));
    QCOMPARE(rowsOf(**workspace, "SELECT count(from_the_future) FROM span_raw"), std::string("0"));
}

void TestWorkspace::newerMajor()
{
    makeWithSpans(5);
    sql("PRAGMA user_version = 2000");
    const auto workspace = Workspace::open(path());
    QVERIFY(!workspace);
    QCOMPARE(workspace.error().code, ErrorCode::NewerVersion);
    QVERIFY(workspace.error().detail.find("2.0") != std::string::npos);
    QVERIFY(!std::filesystem::exists(path().string() + ".lock"));
}

void TestWorkspace::deadRecordingEnds()
{
    makeWithSpans(5);
    sql("UPDATE source_raw SET state = 1");
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    QCOMPARE(rowsOf(**workspace, "SELECT state, partial FROM source"), std::string("complete|1"));
    QCOMPARE((*workspace)->openReport().messages.size(), std::size_t{1});
}

void TestWorkspace::quickCheckFindsDamage()
{
    makeWithSpans(2000);
    {
        const auto workspace = Workspace::open(path());
        TS_VERIFY_OK(workspace);
        TS_VERIFY_OK((*workspace)->quickCheck({}));
    }
    // Overwrite pages in the middle.
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path()) / 8192 / 2 * 8192));
    file << std::string(8192 * 3, '\xee');
    file.close();
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    const auto checked = (*workspace)->quickCheck({});
    QVERIFY(!checked);
    QCOMPARE(checked.error().code, ErrorCode::Damaged);
    Progress cancelled;
    cancelled.cancel.cancel();
    QVERIFY(!(*workspace)->quickCheck(cancelled));
}

void TestWorkspace::damagedAfterUncleanEnd()
{
    makeWithSpans(2000);
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path()) / 8192 / 2 * 8192));
    file << std::string(8192 * 3, '\xee');
    file.close();
    std::ofstream(path().string() + ".lock") << "1\n2\nhost\n";
    for (int attempt = 0; attempt < 2; ++attempt) { // the mark outlives a refusal
        const auto workspace = Workspace::open(path());
        QVERIFY(!workspace);
        QCOMPARE(workspace.error().code, ErrorCode::Damaged);
        QCOMPARE(exitCode(workspace.error().code), 5);
    }
}

void TestWorkspace::truncatedFile()
{
    makeWithSpans(2000);
    const auto size = std::filesystem::file_size(path());
    for (const std::uintmax_t bytes :
        {size / 2, std::uintmax_t{8192}, std::uintmax_t{5000}, std::uintmax_t{100}, std::uintmax_t{10}}) {
        std::filesystem::resize_file(path(), bytes);
        const auto workspace = Workspace::open(path());
        // Either it is refused at once, or the check and every query say so: never a crash, never wrong rows.
        if (workspace) {
            const auto checked = (*workspace)->quickCheck({});
            QVERIFY(!checked);
            QCOMPARE(checked.error().code, ErrorCode::Damaged);
        } else {
            QVERIFY2(workspace.error().code == ErrorCode::Damaged, workspace.error().toText().c_str());
        }
    }
}

void TestWorkspace::otherDatabase()
{
    {
        auto database = Database::open(path(), Database::Mode::Create);
        TS_VERIFY_OK(database->execute("CREATE TABLE precious (a); INSERT INTO precious VALUES (1)"));
    }
    const auto workspace = Workspace::open(path());
    QVERIFY(!workspace);
    QCOMPARE(workspace.error().code, ErrorCode::Damaged);
    auto database = Database::open(path(), Database::Mode::ReadOnly);
    QCOMPARE(rowsOf(*database, "SELECT count(*) FROM sqlite_schema"), std::string("1"));
    std::ofstream(path("text.tailscope"))
        << "no database at all, but long enough to hold a header of one hundred bytes,"
           " which is what SQLite looks at first";
    const auto text = Workspace::open(path("text.tailscope"));
    QVERIFY(!text);
    QCOMPARE(text.error().code, ErrorCode::Damaged);
}

void TestWorkspace::emptyFileBecomesAWorkspace()
{
    std::ofstream(path()).close();
    const auto workspace = Workspace::open(path());
    TS_VERIFY_OK(workspace);
    QCOMPARE(rowsOf(**workspace, "SELECT count(*) FROM span"), std::string("0"));
}

void TestWorkspace::noLockFileRemains()
{
    makeWithSpans(5);
    QVERIFY(!std::filesystem::exists(path().string() + ".lock"));
    QVERIFY(!std::filesystem::exists(path().string() + "-wal"));
    QVERIFY(!std::filesystem::exists(path().string() + "-shm"));
}

QTEST_GUILESS_MAIN(TestWorkspace)
#include "tst_workspace.moc"
