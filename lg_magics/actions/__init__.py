"""Operations that commands and clicks share: launch, answer, fork, save. They draw nothing."""
