// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Source: PostgreSQL manual, "The Cumulative Statistics System", tables of wait events.
#include "items/waitmodel.h"

#include <QCoreApplication>
#include <QHash>

namespace tailscope::items {

namespace {

struct Meaning
{
    const char *wait, *text;
};

constexpr Meaning kMeanings[]{
    {"CPU", QT_TRANSLATE_NOOP("WaitMeaning", "Active and not waiting: on a processor, or queued for one.")},
    {"Lock", QT_TRANSLATE_NOOP("WaitMeaning", "Waits for a lock that another session holds: see Blocking.")},
    {"Lock: transactionid",
        QT_TRANSLATE_NOOP("WaitMeaning",
            "Waits for another transaction to end: it has changed the same row.")},
    {"Lock: tuple",
        QT_TRANSLATE_NOOP("WaitMeaning", "Queues for a row for which others wait already: a hot row.")},
    {"Lock: relation",
        QT_TRANSLATE_NOOP("WaitMeaning",
            "Waits for a lock on a table: a change of the schema, LOCK TABLE, VACUUM FULL.")},
    {"Lock: virtualxid",
        QT_TRANSLATE_NOOP("WaitMeaning",
            "Waits for older transactions to end: CREATE INDEX CONCURRENTLY and the like.")},
    {"Lock: advisory", QT_TRANSLATE_NOOP("WaitMeaning", "Waits for a lock that applications agree on.")},
    {"Lock: extend", QT_TRANSLATE_NOOP("WaitMeaning", "Waits to make a table larger: many insert at once.")},
    {"LWLock",
        QT_TRANSLATE_NOOP("WaitMeaning",
            "Waits for a short lock inside the server: many sessions at the same structure.")},
    {"LWLock: WALWrite",
        QT_TRANSLATE_NOOP("WaitMeaning", "Another session writes the log: commits queue for the disk.")},
    {"LWLock: WALInsert",
        QT_TRANSLATE_NOOP("WaitMeaning", "Waits for a place in the log's buffers: very many small writes.")},
    {"LWLock: BufferContent",
        QT_TRANSLATE_NOOP("WaitMeaning",
            "Waits for a page that another session changes or reads: a hot page.")},
    {"LWLock: BufferMapping",
        QT_TRANSLATE_NOOP("WaitMeaning", "Looks for pages in shared buffers: many pages come and go.")},
    {"LWLock: LockManager",
        QT_TRANSLATE_NOOP("WaitMeaning",
            "The table of locks itself: many partitions or indexes a statement.")},
    {"LWLock: ProcArray",
        QT_TRANSLATE_NOOP("WaitMeaning", "The list of transactions: many connections take snapshots.")},
    {"LWLock: SubtransSLRU",
        QT_TRANSLATE_NOOP("WaitMeaning",
            "Looks up subtransactions: savepoints and exception blocks in long transactions.")},
    {"LWLock: MultiXactOffsetSLRU",
        QT_TRANSLATE_NOOP("WaitMeaning",
            "Looks up rows that several transactions hold: foreign keys, FOR SHARE.")},
    {"IO", QT_TRANSLATE_NOOP("WaitMeaning", "Waits for a file.")},
    {"IO: DataFileRead",
        QT_TRANSLATE_NOOP("WaitMeaning", "Reads a table or index from its file: not in shared buffers.")},
    {"IO: DataFileWrite",
        QT_TRANSLATE_NOOP("WaitMeaning", "Writes a page itself, because no clean buffer is free.")},
    {"IO: DataFileExtend", QT_TRANSLATE_NOOP("WaitMeaning", "Makes a file larger.")},
    {"IO: DataFilePrefetch", QT_TRANSLATE_NOOP("WaitMeaning", "Asks for pages ahead of a bitmap scan.")},
    {"IO: WALWrite", QT_TRANSLATE_NOOP("WaitMeaning", "Writes the log.")},
    {"IO: WALSync",
        QT_TRANSLATE_NOOP("WaitMeaning", "Waits until the disk has the log: the cost of a commit.")},
    {"IO: BufFileRead",
        QT_TRANSLATE_NOOP("WaitMeaning", "Reads a temporary file: a sort or hash beyond work_mem.")},
    {"IO: BufFileWrite",
        QT_TRANSLATE_NOOP("WaitMeaning", "Writes a temporary file: a sort or hash beyond work_mem.")},
    {"IPC", QT_TRANSLATE_NOOP("WaitMeaning", "Waits for another process of the server.")},
    {"IPC: SyncRep",
        QT_TRANSLATE_NOOP("WaitMeaning", "A commit waits for the answer of a synchronous standby.")},
    {"IPC: BgWorkerShutdown",
        QT_TRANSLATE_NOOP("WaitMeaning", "Waits for the workers of a parallel query to end.")},
    {"IPC: ExecuteGather",
        QT_TRANSLATE_NOOP("WaitMeaning", "The leader of a parallel query waits for rows of its workers.")},
    {"IPC: MessageQueueSend",
        QT_TRANSLATE_NOOP("WaitMeaning", "A worker waits until the leader takes its rows.")},
    {"IPC: MessageQueueReceive", QT_TRANSLATE_NOOP("WaitMeaning", "Waits for rows of another process.")},
    {"IPC: RecoveryConflictSnapshot",
        QT_TRANSLATE_NOOP("WaitMeaning",
            "Replay on the standby waits for a query that still needs old rows.")},
    {"Client", QT_TRANSLATE_NOOP("WaitMeaning", "Waits for the application or the network.")},
    {"Client: ClientRead", QT_TRANSLATE_NOOP("WaitMeaning", "Waits for the application to send something.")},
    {"Client: ClientWrite",
        QT_TRANSLATE_NOOP("WaitMeaning", "The application does not take the rows fast enough.")},
    {"Client: WalSenderWaitForWAL",
        QT_TRANSLATE_NOOP("WaitMeaning", "A standby's sender waits for more log.")},
    {"Timeout", QT_TRANSLATE_NOOP("WaitMeaning", "Waits for a time to pass.")},
    {"Timeout: PgSleep", QT_TRANSLATE_NOOP("WaitMeaning", "Called pg_sleep().")},
    {"Timeout: VacuumDelay", QT_TRANSLATE_NOOP("WaitMeaning", "Vacuum rests as its cost limit says.")},
    {"Timeout: SpinDelay", QT_TRANSLATE_NOOP("WaitMeaning", "Contends for a spinlock.")},
    {"BufferPin",
        QT_TRANSLATE_NOOP("WaitMeaning", "Waits until nobody looks at a page: a cursor left open there.")},
    {"BufferPin: BufferPin",
        QT_TRANSLATE_NOOP("WaitMeaning", "Waits until nobody looks at a page: a cursor left open there.")},
    {"Activity", QT_TRANSLATE_NOOP("WaitMeaning", "A process of the server waits for work.")},
    {"Extension", QT_TRANSLATE_NOOP("WaitMeaning", "Waits inside an extension.")},
};

} // namespace

QString waitMeaning(const QString &wait)
{
    static const QHash<QString, const char *> texts = [] {
        QHash<QString, const char *> all;
        for (const Meaning &meaning : kMeanings)
            all.insert(QString::fromLatin1(meaning.wait), meaning.text);
        return all;
    }();
    auto found = texts.constFind(wait);
    if (found == texts.constEnd())
        found = texts.constFind(wait.section(QStringLiteral(": "), 0, 0));
    return found == texts.constEnd() ? QString() : QCoreApplication::translate("WaitMeaning", *found);
}

} // namespace tailscope::items
