"""What ``plan`` resolved for each stage: one small file a stage, so that no stage reads params."""
