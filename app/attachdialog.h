// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/attachentry.h"
#include "live/attachment.h"
#include "live/serverfacts.h"
#include "session/job.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;

namespace tailscope::app {

/// Where to attach: one or more servers (primary, replicas, pooler), each by its parts or its connection
/// text, what will be done to them, and a test. Passwords go to libpq and, if wanted, to the keychain.
class AttachDialog : public QDialog
{
    Q_OBJECT
public:
    explicit AttachDialog(session::JobQueue *jobs, QWidget *parent = nullptr);

    std::vector<live::Target> targets() const; ///< valid ones once accepted
    live::AttachOptions options() const;
    const std::vector<AttachEntry> &entries() const { return m_entries; }
    void setEntries(std::vector<AttachEntry> entries);
    QString resultText() const; ///< of the test, or what is wrong

    /// What a test says, in lines: version, role, encryption, rights, clock.
    static QString factsText(const live::ServerFacts &facts);

protected:
    void accept() override;

private:
    QWidget *createList();
    QWidget *createForm();
    QWidget *createPromise();
    void connectAll();
    void addServer(live::TargetKind kind);
    void removeServer();
    void showEntry(int row);
    AttachEntry *current();
    void takeParts(); ///< fields -> text
    void takeText(); ///< text -> fields
    void showParts();
    void showState();
    void test();
    void showTest(const Result<live::ServerFacts> &facts);
    void askKeychain();

    session::JobQueue *m_jobs;
    session::LatestJob m_testJob;
    std::vector<AttachEntry> m_entries;
    QListWidget *m_list;
    QComboBox *m_recent, *m_kind, *m_sslmode, *m_service;
    QLineEdit *m_name, *m_host, *m_port, *m_database, *m_user, *m_text, *m_password;
    QCheckBox *m_remember;
    QDoubleSpinBox *m_interval;
    QLabel *m_problem, *m_result;
    QPushButton *m_remove, *m_test, *m_attach;
    bool m_filling = false;
};

} // namespace tailscope::app
