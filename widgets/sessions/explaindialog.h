// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;

namespace tailscope::session {
class Session;
}
namespace tailscope::items {
class ExplainRequestModel;
}

namespace tailscope::widgets {

/// Asks an attached server for the plan of a statement: the text, which connection, search_path and role,
/// whether it may be executed, and whether an index that does not exist would be used (HypoPG). What is
/// refused is said in words, with the text to run elsewhere.
class ExplainDialog : public QDialog
{
    Q_OBJECT
public:
    ExplainDialog(session::Session *session, QWidget *parent = nullptr);

    /// statementId: of view statement. user: its role, to be tried; may be empty.
    void setStatement(qint64 statementId, const QString &database, const QString &user);
    items::ExplainRequestModel *model() const { return m_model; }
    QPushButton *explainButton() const { return m_explain; }
    QCheckBox *analyzeBox() const { return m_analyze; }
    QCheckBox *consentBox() const { return m_consent; }
    QLabel *messageLabel() const { return m_message; }
    QPushButton *copyButton() const { return m_copy; }
    QLineEdit *indexEdit() const { return m_index; }
    QPushButton *tryButton() const { return m_try; }

Q_SIGNALS:
    void planReady(); ///< it is in the workspace and chosen: show the plan view

private:
    void buildLayout();
    QWidget *buildIndex();
    void showModel();
    void takeOrder();
    QString messageText() const;

    items::ExplainRequestModel *m_model;
    QPlainTextEdit *m_sql;
    QComboBox *m_target;
    QLineEdit *m_path, *m_role, *m_index;
    QSpinBox *m_timeout;
    QCheckBox *m_analyze, *m_consent;
    QLabel *m_message, *m_indexMessage, *m_database;
    QProgressBar *m_progress;
    QPushButton *m_explain, *m_cancel, *m_copy, *m_try;
    bool m_showing = false;
};

} // namespace tailscope::widgets
